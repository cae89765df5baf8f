import { expect, test } from "vitest";
import { serving, stubPipeline } from "../test-support.ts";

const setup = () => serving(stubPipeline(() => ({})));

test("API-3: the reference loads nothing from elsewhere", async () => {
  await using server = await setup();
  const page = await server.send("GET", "/docs");
  expect([page.status, page.type]).toEqual([200, "text/html; charset=utf-8"]);
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'self';/u);
  const loaded = Array.from(page.text.matchAll(/(?:src|href)="([^"]+)"/gu), ([, address = ""]) => address);
  expect(loaded).toEqual(["data:,", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/init.js"]);
  expect(page.text).not.toMatch(/<script>|<style>|https?:/u);
  for (const address of loaded.slice(1)) expect((await server.send("GET", address)).status).toBe(200);
  expect((await server.send("GET", "/docs/init.js")).text).toContain('url: "/openapi.json"');
});

test("its files come compressed to whoever takes that, and plain to others", async () => {
  await using server = await setup();
  const ask = async (encoding: string): Promise<Response> =>
    fetch(`${server.url}/docs/swagger-ui.css`, { headers: { "Accept-Encoding": encoding } });
  const [zipped, plain, refused] = await Promise.all([ask("gzip, br"), ask("identity"), ask("gzip;q=0")]);
  expect([zipped, plain, refused].map(({ headers }) => headers.get("content-encoding"))).toEqual(["gzip", null, null]);
  const texts = await Promise.all([zipped.text(), plain.text()]);
  expect(texts[0]).toBe(texts[1]);
  expect(plain.headers.get("content-type")).toBe("text/css; charset=utf-8");
});

test("no other file of the folder can be read", async () => {
  await using server = await setup();
  for (const name of ["LICENSE", "README.md", "index.html", "..%2fserve.ts", "../serve.ts"]) {
    expect((await server.send("GET", `/docs/${name}`)).status).toBe(404);
  }
});
