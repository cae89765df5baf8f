import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { serving, stubPipeline } from "../test-support.ts";
import { accountPages } from "./account-pages.ts";

const setup = () =>
  serving(
    stubPipeline(() => ({})),
    { morePages: accountPages() },
  );

const paths = [
  "/account",
  "/account/keys",
  "/account/organisation",
  "/account/sign-in",
  "/account/sign-up",
  "/account/join",
  "/account/forgot-password",
  "/account/reset-password",
];

const linked = (html: string): readonly string[] =>
  Array.from(html.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]+)"/gu), ([, address = ""]) => address);

test("TEN-1 no page runs or shows anything but files of this server, and no other page may frame it", async () => {
  await using server = await setup();
  for (const path of paths) {
    const page = await server.send("GET", path);
    expect([path, page.status, page.type]).toEqual([path, 200, "text/html; charset=utf-8"]);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:/iu);
    const files = linked(page.text).filter((address) => !address.startsWith("data:"));
    expect(files).toContain("/account/assets/style.css");
    expect(new Set(files.map((file) => file.startsWith("/account/assets/")))).toEqual(new Set([true]));
    for (const file of files) expect([file, (await server.send("GET", file)).status]).toEqual([file, 200]);
  }
});

test("TEN-1 what a page's form holds never gets into an address, even if its module does not run", async () => {
  await using server = await setup();
  for (const path of paths) {
    const { text } = await server.send("GET", path);
    for (const [form] of text.matchAll(/<form[^>]*>/gu)) expect(form).toContain('method="post"');
  }
});

test("UI-3 every field has a label, a place for its error and says what browsers may fill in", async () => {
  await using server = await setup();
  for (const path of paths) {
    const { text } = await server.send("GET", path);
    expect(text).toMatch(/<html lang="en">/u);
    expect(text).toContain("This page needs JavaScript.");
    for (const [input] of text.matchAll(/<(?:input|select)(?![^>]*hidden)[^>]*>/gu)) {
      const id = /\bid="([^"]+)"/u.exec(input)?.[1] ?? "";
      expect(text).toContain(`<label for="${id}">`);
      if (input.includes('type="checkbox"') || input.includes("readonly")) continue;
      expect(text).toContain(`id="${id}-error"`);
      if (input.startsWith("<input")) expect(input).toMatch(/autocomplete="[a-z-]+"/u);
    }
  }
});

test("all modules of the folder are served, and each finds those that it imports", async () => {
  await using server = await setup();
  const folder = new URL("browser/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => /\.(?:js|css)$/u.test(name));
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    const file = await server.send("GET", `/account/assets/${name}`);
    expect([name, file.status]).toEqual([name, 200]);
    expect(file.text).toBe(await readFile(new URL(name, folder), "utf8"));
    expect(file.type).toBe(name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
    for (const [, imported = ""] of file.text.matchAll(/from "\.\/([^"]+)"/gu)) expect(names).toContain(imported);
  }
  for (const name of ["tsconfig.json", "..%2fassets.ts", "../assets.ts", ""]) {
    expect((await server.send("GET", `/account/assets/${name}`)).status).toBe(404);
  }
});

test("a browser that has a file asks only whether it is still the same", async () => {
  await using server = await setup();
  const ask = async (headers: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${server.url}/account/assets/style.css`, { headers });
  const [plain, zipped] = [await ask({ "Accept-Encoding": "identity" }), await ask({ "Accept-Encoding": "gzip" })];
  expect([plain, zipped].map(({ headers }) => headers.get("content-encoding"))).toEqual([null, "gzip"]);
  expect(await zipped.text()).toBe(await plain.text());
  const tag = plain.headers.get("etag") ?? "";
  expect(plain.headers.get("cache-control")).toBe("no-cache");
  expect((await ask({ "If-None-Match": `"other", ${tag}` })).status).toBe(304);
  expect((await ask({ "If-None-Match": '"other"' })).status).toBe(200);
});

test("the short addresses that people type lead to the pages", async () => {
  await using server = await setup();
  for (const name of ["sign-in", "sign-up"]) {
    const answer = await fetch(`${server.url}/${name}`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, `/account/${name}`]);
  }
});
