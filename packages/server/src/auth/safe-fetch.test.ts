import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { makeSafeFetch } from "./safe-fetch.ts";

const serve = async (answer: RequestListener) => {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/keys`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const onThisMachine = makeSafeFetch({ allowPrivate: true, withinMs: 2_000, mostBytes: 1_000 });

describe("reading a document from an address that a customer named", () => {
  test("TEN-3 gives it, and tells the other side nothing of ours", async () => {
    let headers: Readonly<Record<string, unknown>> = {};
    await using server = await serve((request, response) => {
      ({ headers } = request);
      response.end("a document");
    });
    expect(await onThisMachine(server.url)).toBe("a document");
    expect(Object.keys(headers).toSorted()).toEqual(["accept", "accept-encoding", "connection", "host"]);
  });

  test("TEN-3 takes plain http on this machine only, and only where that is allowed", async () => {
    await using server = await serve((_request, response) => void response.end("a document"));
    await expect(makeSafeFetch({ allowPrivate: false })(server.url)).rejects.toThrow("not an https address");
    const elsewhere = makeSafeFetch({ allowPrivate: true, resolve: async () => ["93.184.216.34"] });
    await expect(elsewhere("http://login.example.com/keys")).rejects.toThrow("network");
  });

  test.each(["ftp://login.example.com/", "file:///etc/passwd", "data:application/json,{}", "keys", ""])(
    "TEN-3 does not read %j",
    async (address) => {
      await expect(onThisMachine(address)).rejects.toMatchObject({ code: "provider.unavailable" });
    },
  );

  test.each([
    [["127.0.0.1"]],
    [["10.0.0.1"]],
    [["169.254.169.254"]],
    [["::1"]],
    [["::ffff:10.0.0.1"]],
    [["93.184.216.34", "10.0.0.1"]],
    [[]],
  ])("TEN-3 does not go where a name means %j", async (addresses) => {
    const guarded = makeSafeFetch({ allowPrivate: false, resolve: async () => addresses });
    await expect(guarded("https://login.example.com/keys")).rejects.toThrow("network");
  });

  test.each([
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::ffff:10.0.0.1]/",
  ])("TEN-3 does not go to %s", async (address) => {
    await expect(makeSafeFetch({ allowPrivate: false })(address)).rejects.toThrow("network");
  });

  test("TEN-3 does not go to the metadata of a cloud, whatever is allowed", async () => {
    const lenient = makeSafeFetch({ allowPrivate: true, resolve: async () => ["169.254.169.254"] });
    await expect(lenient("https://metadata.example.com/")).rejects.toThrow("network");
    await expect(lenient("https://169.254.169.254/")).rejects.toThrow("network");
  });

  test("TEN-3 goes to the address that was checked, however often the name changes its mind", async () => {
    let asked = 0;
    await using server = await serve((request, response) => void response.end(request.headers.host));
    const rebinding = makeSafeFetch({
      allowPrivate: true,
      resolve: async () => {
        asked += 1;
        return asked === 1 ? ["127.0.0.1"] : ["10.0.0.1"];
      },
    });
    expect(await rebinding(`http://login.invalid:${server.port}/keys`)).toBe(`login.invalid:${server.port}`);
    expect(asked).toBe(1);
  });

  test("TEN-3 follows no redirect", async () => {
    let asked = 0;
    await using server = await serve((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    await expect(onThisMachine(server.url)).rejects.toThrow("status 302");
    expect(asked).toBe(1);
  });

  test("TEN-3 gives up what is too large, also where nobody said how large it is", async () => {
    await using server = await serve((_request, response) => {
      for (let part = 0; part < 100; part += 1) response.write("x".repeat(100));
      response.end();
    });
    await expect(onThisMachine(server.url)).rejects.toThrow("too large");
  });

  test("TEN-3 gives up what is packed: a small answer could become a large one", async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(100_000)));
    });
    await expect(onThisMachine(server.url)).rejects.toThrow("encoding");
  });

  test("TEN-3 gives up who never answers, and who never ends", async () => {
    const impatient = makeSafeFetch({ allowPrivate: true, withinMs: 50 });
    await using silent = await serve(() => undefined);
    await expect(impatient(silent.url)).rejects.toThrow("in time");
    await using endless = await serve((_request, response) => void response.write("{"));
    await expect(impatient(endless.url)).rejects.toMatchObject({ code: "provider.unavailable" });
    const lost = makeSafeFetch({ allowPrivate: true, withinMs: 50, resolve: () => new Promise(() => undefined) });
    await expect(lost("https://login.example.com/keys")).rejects.toThrow("resolved in time");
  });

  test("TEN-3 says no more of a failure than that there is one", async () => {
    await using server = await serve((request) => void request.socket.destroy());
    await expect(onThisMachine(server.url)).rejects.toThrow(/^The document cannot be read: it cannot be reached\.$/u);
    const unknown = makeSafeFetch({
      allowPrivate: true,
      resolve: async () => Promise.reject(new Error("ENOTFOUND secret.internal")),
    });
    await expect(unknown("https://secret.internal/")).rejects.toThrow(
      /^The document cannot be read: its name is not known\.$/u,
    );
  });
});
