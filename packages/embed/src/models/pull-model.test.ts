import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isCairnError } from "@cairn/kernel/error";
import type { CatalogueEntry } from "./catalogue.ts";
import { entryNamed } from "./catalogue.ts";
import { cutAfterHalf, openModelHost } from "./model-host.fixture.ts";
import { findModel, folderOfEntry, modelsHere } from "./model-places.ts";
import { type PullOptions, type PullProgress, pullModel } from "./pull-model.ts";
import { modelsFolder } from "./used-models.ts";

const onnx = Uint8Array.from({ length: 400_000 }, (_, at) => (at * at) % 251);
const json = Buffer.from("{}");
const at = "/Example/tiny/resolve/0123456789abcdef";
const paths = ["config.json", "tokenizer.json", "onnx/model_quantized.onnx"] as const;
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const entry: CatalogueEntry = {
  name: "tiny",
  dimensions: 2,
  bytes: 400_000,
  licence: "Apache-2.0",
  summary: "for tests",
  reading: { pooling: "mean", queryPrefix: "", passagePrefix: "", maxTokens: 256, passage: "text" },
  onnxSha256: [sha256(onnx)],
  download: {
    repository: "Example/tiny",
    revision: "0123456789abcdef",
    files: [
      { path: paths[0], sha256: null, maxBytes: 1_000 },
      { path: paths[1], sha256: null, maxBytes: 1_000 },
      { path: paths[2], sha256: sha256(onnx), maxBytes: 1_000_000 },
    ],
  },
};

const setUp = async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-pull-"));
  const host = await openModelHost(
    new Map<string, Uint8Array>([
      [`${at}/${paths[0]}`, json],
      [`${at}/${paths[1]}`, json],
      [`${at}/${paths[2]}`, onnx],
    ]),
  );
  const folder = folderOfEntry(entry, modelsFolder(data));
  const pull = (options: Partial<PullOptions> = {}) =>
    pullModel(entry, { data, env: { CAIRN_MODEL_URL: host.url }, retryDelayMs: 1, ...options });
  const onnxRequests = () => host.asked.filter(({ path }) => path.endsWith(".onnx"));
  return {
    data,
    host,
    folder,
    pull,
    onnxRequests,
    /** What lies under `<data>/models`, files only. */
    names: async () =>
      (await readdir(modelsFolder(data), { recursive: true, withFileTypes: true }))
        .filter((found) => found.isFile())
        .map(({ name }) => name)
        .toSorted(),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
};

/** Troubles only the ONNX file's requests; `count` counts those. */
const ofOnnx = (trouble: Parameters<Awaited<ReturnType<typeof openModelHost>>["setTrouble"]>[0]) => {
  let count = 0;
  return ((request, response) => {
    if (!(request.url ?? "").endsWith(".onnx")) return false;
    count += 1;
    return trouble(request, response, count);
  }) satisfies typeof trouble;
};

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => {
      if (!isCairnError(error)) throw error;
      return { code: error.code, message: error.message, hint: error.data.hint };
    },
  );

describe("EMB-2: downloading a model", () => {
  test("EMB-2: its files come complete, with progress, and are noted with their sums", async () => {
    await using setup = await setUp();
    const seen: PullProgress[] = [];
    const pulled = await setup.pull({ onProgress: (progress) => seen.push(progress) });
    expect(pulled).toMatchObject({ folder: setup.folder, downloaded: true });
    expect(pulled.files.map(({ path, pinned }) => [path, pinned])).toEqual([
      [paths[0], false],
      [paths[1], false],
      [paths[2], true],
    ]);
    expect(new Uint8Array(await readFile(join(setup.folder, paths[2])))).toEqual(onnx);
    expect(seen.at(-1)).toEqual({ file: paths[2], done: onnx.length, total: onnx.length, waiting: false });
    expect(await setup.names()).toEqual(["cairn-model.json", "config.json", "model_quantized.onnx", "tokenizer.json"]);
  });

  test("EMB-2: what is here is not downloaded again; what was damaged is", async () => {
    await using setup = await setUp();
    await setup.pull();
    const asked = setup.host.asked.length;
    expect((await setup.pull()).downloaded).toBe(false);
    expect(setup.host.asked).toHaveLength(asked);
    await writeFile(join(setup.folder, "tokenizer.json"), "{} ");
    expect((await setup.pull()).downloaded).toBe(true);
    expect(await readFile(join(setup.folder, "tokenizer.json"), "utf8")).toBe("{}");
    expect(await readdir(dirname(setup.folder))).toEqual([entry.download?.revision]);
  });

  test("EMB-2: after a cut line it goes on where it stopped", async () => {
    await using setup = await setUp();
    setup.host.setTrouble(ofOnnx(cutAfterHalf(onnx, 1)));
    expect((await setup.pull()).downloaded).toBe(true);
    const [first, second] = setup.onnxRequests();
    expect(first?.range).toBeUndefined();
    expect(Number(/^bytes=(\d+)-$/u.exec(second?.range ?? "")?.[1])).toBeGreaterThan(0);
    expect(setup.onnxRequests()).toHaveLength(2);
  });

  test("EMB-2: the next run goes on where an interrupted one stopped", async () => {
    await using setup = await setUp();
    setup.host.setTrouble(
      ofOnnx((_, response) => {
        response.writeHead(200, { etag: '"x"', "content-length": onnx.length }).write(onnx.subarray(0, 100_000));
        return true;
      }),
    );
    const stopped = new AbortController();
    const onProgress = ({ file, done }: PullProgress): void => {
      if (file === paths[2] && done === 100_000) stopped.abort(new Error("stopped"));
    };
    await expect(setup.pull({ signal: stopped.signal, onProgress })).rejects.toThrow("stopped");
    expect(await setup.names()).toContain("model_quantized.onnx.part");
    await expect(findModel("tiny", setup.data)).rejects.toMatchObject({ code: "embedder.unknown" });
    // The same bytes under the tag that the first answer had.
    setup.host.setTrouble(
      ofOnnx(({ headers }, response) => {
        expect(headers).toMatchObject({ range: "bytes=100000-", "if-range": '"x"' });
        const range = `bytes 100000-${onnx.length - 1}/${onnx.length}`;
        response.writeHead(206, { etag: '"x"', "content-range": range }).end(onnx.subarray(100_000));
        return true;
      }),
    );
    expect((await setup.pull()).downloaded).toBe(true);
  });

  test("EMB-2: a file that changed in between comes whole", async () => {
    await using setup = await setUp();
    const other = onnx.map((byte) => byte ^ 1);
    // The first half is of another file, with another tag; the host then has the right one.
    setup.host.setTrouble(ofOnnx(cutAfterHalf(other, 1)));
    expect((await setup.pull()).downloaded).toBe(true);
    expect(setup.onnxRequests()[1]?.ifRange).not.toBeUndefined();
    expect(new Uint8Array(await readFile(join(setup.folder, paths[2])))).toEqual(onnx);
  });

  test("EMB-2: a file of another sum is removed and refused", async () => {
    await using setup = await setUp();
    setup.host.files.set(`${at}/${paths[2]}`, Uint8Array.from([...onnx.slice(1), 0]));
    expect(await failure(setup.pull())).toMatchObject({ code: "model.invalid" });
    expect(await setup.names()).toEqual(["config.json", "tokenizer.json"]);
    setup.host.files.set(`${at}/${paths[2]}`, onnx);
    expect((await setup.pull()).downloaded).toBe(true);
  });

  test("EMB-2: a file that is larger than it can be is refused before it fills the disk", async () => {
    await using setup = await setUp();
    setup.host.setTrouble((_, response) => {
      response.writeHead(200);
      response.on("error", () => undefined);
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(500), more);
      };
      more();
      return true;
    });
    expect(await failure(setup.pull())).toMatchObject({ code: "model.invalid" });
  });

  test.each<[status: number, requests: number]>([
    [404, 1],
    [403, 1],
    [503, 4],
  ])("EMB-2: status %i is an error that says what to do instead", async (status, requests) => {
    await using setup = await setUp();
    setup.host.setTrouble((_, response) => {
      response.writeHead(status).end("<html>no</html>");
      return true;
    });
    const found = await failure(setup.pull());
    expect(found).toMatchObject({ code: "model.download_failed" });
    expect(found.message).toContain("127.0.0.1");
    expect(found.hint).toMatch(/HTTPS_PROXY.*CAIRN_MODEL_URL.*by hand.*built-in/u);
    expect(setup.host.asked).toHaveLength(requests);
  });

  test("EMB-2: a host that nobody answers for is an error at once", async () => {
    await using setup = await setUp();
    await using gone = await openModelHost(new Map());
    const env = { CAIRN_MODEL_URL: gone.url };
    await gone[Symbol.asyncDispose]();
    expect(await failure(setup.pull({ env, retryDelayMs: 60_000 }))).toMatchObject({
      code: "model.download_failed",
      message: expect.stringContaining("ECONNREFUSED"),
    });
    for (const url of ["ftp://model.host", "model.host", "file:///etc"])
      expect(await failure(setup.pull({ env: { CAIRN_MODEL_URL: url } }))).toMatchObject({
        code: "model.download_failed",
      });
  });

  test("EMB-2: redirects are followed, and not for ever", async () => {
    await using setup = await setUp();
    await using front = await openModelHost(new Map());
    front.setTrouble((request, response) => {
      response.writeHead(302, { location: `${setup.host.url}${request.url}` }).end();
      return true;
    });
    expect((await setup.pull({ env: { CAIRN_MODEL_URL: front.url } })).downloaded).toBe(true);
    await rm(setup.folder, { recursive: true });
    setup.host.setTrouble((request, response) => {
      response.writeHead(307, { location: request.url }).end();
      return true;
    });
    expect(await failure(setup.pull())).toMatchObject({ code: "model.download_failed" });
  });

  test("EMB-2: the proxy variables are obeyed", async () => {
    await using setup = await setUp();
    const proxied: string[] = [];
    const proxy = createServer((request, response) => {
      proxied.push(request.url ?? "");
      const { pathname } = new URL(request.url ?? "");
      response.end(setup.host.files.get(pathname));
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const env = { CAIRN_MODEL_URL: "http://model.host.invalid", HTTP_PROXY: proxyUrl };
      expect((await setup.pull({ env })).downloaded).toBe(true);
      expect(proxied[0]).toBe(`http://model.host.invalid${at}/config.json`);
      expect(setup.host.asked).toHaveLength(0);
      await rm(setup.folder, { recursive: true });
      const direct = { CAIRN_MODEL_URL: setup.host.url, HTTP_PROXY: proxyUrl, NO_PROXY: "127.0.0.1" };
      await setup.pull({ env: direct });
      expect(setup.host.asked.length).toBeGreaterThan(0);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test("EMB-2: an address with encryption is asked for through a tunnel of the proxy", async () => {
    await using setup = await setUp();
    const tunnels: string[] = [];
    const proxy = createServer().listen(0, "127.0.0.1");
    proxy.on("connect", ({ url }, socket) => {
      tunnels.push(url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await once(proxy, "listening");
    const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const env = { CAIRN_MODEL_URL: "https://model.host.invalid", HTTPS_PROXY };
      expect(await failure(setup.pull({ env }))).toMatchObject({ code: "model.download_failed" });
      expect(tunnels[0]).toBe("model.host.invalid:443");
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test("EMB-2: of several processes one downloads and the others wait for it", async () => {
    await using setup = await setUp();
    const waits: boolean[] = [];
    const lockTimes = { touchMs: 50, staleMs: 10_000, pollMs: 5 };
    const pulls = Array.from({ length: 3 }, () =>
      setup.pull({ lockTimes, onProgress: ({ waiting }) => waits.push(waiting) }),
    );
    const results = await Promise.all(pulls);
    expect(results.filter(({ downloaded }) => downloaded)).toHaveLength(1);
    expect(setup.onnxRequests()).toHaveLength(1);
    expect(waits).toContain(true);
  });

  test("EMB-2: the lock of a process that is gone stops nobody", async () => {
    await using setup = await setUp();
    await setup.pull();
    await rm(setup.folder, { recursive: true });
    const lock = join(dirname(setup.folder), `.${entry.download?.revision}.part.lock`);
    await writeFile(lock, "1");
    await utimes(lock, new Date(0), new Date(0));
    expect((await setup.pull({ lockTimes: { touchMs: 1_000, staleMs: 5_000, pollMs: 1 } })).downloaded).toBe(true);
    expect(await readdir(dirname(setup.folder))).toEqual([entry.download?.revision]);
    // A process that has just ended on this machine, without time passing.
    await rm(setup.folder, { recursive: true });
    const ended = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(ended, "exit");
    await writeFile(lock, `${ended.pid} ${hostname()}`);
    expect((await setup.pull({ lockTimes: { touchMs: 1_000, staleMs: 600_000, pollMs: 1 } })).downloaded).toBe(true);
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "EMB-2: a folder that cannot be written is a coded error",
    async () => {
      await using setup = await setUp();
      const { chmod } = await import("node:fs/promises");
      await chmod(setup.data, 0o500);
      expect(await failure(setup.pull())).toMatchObject({ code: "storage.read_only" });
      await chmod(setup.data, 0o700);
    },
  );
});

describe("EMB-2: finding a model", () => {
  test("EMB-2: by name, by a folder's name or by a path; what is not there says what to do", async () => {
    await using setup = await setUp();
    const { data } = setup;
    const bge = entryNamed("BGE-small-en-v1.5");
    expect(await failure(findModel("bge-small-en-v1.5", data))).toMatchObject({
      code: "embedding.unavailable",
      hint: "Download it with: cairn embedder pull bge-small-en-v1.5",
    });
    await setup.pull();
    const { mkdir } = await import("node:fs/promises");
    for (const name of ["mine", "bge-small-en-v1.5", ".hidden"]) {
      await mkdir(join(modelsFolder(data), name));
      await writeFile(join(modelsFolder(data), name, "tokenizer.json"), "{}");
    }
    const mine = join(modelsFolder(data), "mine");
    expect(await findModel("mine", data)).toEqual({ folder: mine, entry: null });
    expect(await findModel(mine, data)).toEqual({ folder: mine, entry: null });
    expect(await findModel("./models/mine", "/elsewhere", data)).toEqual({ folder: mine, entry: null });
    expect((await findModel("bge-small-en-v1.5", data)).entry).toBe(bge);
    expect((await modelsHere(data)).map(({ name }) => name)).toEqual(["bge-small-en-v1.5", "mine"]);
  });

  test.each(["nobody", "..", ".", "../x", ".hidden", "a b", ""])("EMB-2: %j is no model", async (given) => {
    await using setup = await setUp();
    const { code } = await failure(findModel(given, setup.data));
    expect(["embedder.unknown", "embedding.unavailable"]).toContain(code);
  });
});
