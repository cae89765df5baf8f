import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { useProxyFromEnvironment } from "./proxy.ts";

const listening = async (answer: string) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(answer);
  });
  // A tunnel for what `fetch` asks of http addresses too; it leads nowhere, and answers itself.
  server.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    socket.end("HTTP/1.1 502 No\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, asked, [Symbol.asyncDispose]: close };
};

test("EMB-3 the proxy of the environment is used, but not for services on this machine", async () => {
  await using proxy = await listening("the proxy");
  await using local = await listening("the service");
  const module = new URL("proxy.ts", import.meta.url).href;
  const script = `
    const { useProxyFromEnvironment } = await import(${JSON.stringify(module)});
    useProxyFromEnvironment();
    useProxyFromEnvironment();
    await fetch("http://embeddings.example/v1").catch(() => undefined);
    console.log(await (await fetch(${JSON.stringify(local.url)})).text());
  `;
  // The global agent is the whole process's, so another process tries it.
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, http_proxy: proxy.url, https_proxy: "", no_proxy: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect((await text(child.stdout)).trim()).toBe("the service");
  expect(proxy.asked).toHaveLength(1);
  expect(proxy.asked[0]).toContain("embeddings.example");
  expect(local.asked).toHaveLength(1);
});

test("EMB-3 without proxy variables nothing is changed", () => {
  expect(() => useProxyFromEnvironment({})).not.toThrow();
});
