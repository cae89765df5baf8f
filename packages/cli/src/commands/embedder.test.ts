import { once } from "node:events";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTinyTextModel } from "@cairn/embed/fixtures/tiny-model";
import { startService } from "@cairn/embed/remote/unruly-service.fixture";
import { setUpCli } from "../test-host.fixture.ts";

interface Listed {
  readonly name: string;
  readonly in_use: boolean;
  readonly available: boolean;
  readonly folder: string | null;
}

const setUp = async () => {
  const cli = await setUpCli();
  const tiny = await makeTinyTextModel();
  const listed = async (env: Readonly<Record<string, string>> = {}): Promise<readonly Listed[]> =>
    (await cli.run(["embedder", "list", "--json"], { env })).json.embedders as readonly Listed[];
  return {
    ...cli,
    tiny: tiny.folder,
    listed,
    inUse: async (env: Readonly<Record<string, string>> = {}) =>
      (await listed(env)).filter((known) => known.in_use).map(({ name }) => name),
    config: () => readFile(join(cli.data, "config.yaml"), "utf8"),
    [Symbol.asyncDispose]: async () => {
      await tiny[Symbol.asyncDispose]();
      await cli[Symbol.asyncDispose]();
    },
  };
};

const modelHost = async (answer: RequestListener) => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
};

describe("EMB-2: cairn embedder", () => {
  test("EMB-2: lists what there is, what is here and what is in use", async () => {
    await using setup = await setUp();
    expect(await setup.inUse()).toEqual(["builtin"]);
    expect((await setup.run(["embedder"])).out).toMatch(/^\* +builtin +256 .*built in/mu);
    await cp(setup.tiny, join(setup.data, "models", "mine"), { recursive: true });
    const known = await setup.listed({ CAIRN_EMBEDDER: "mine" });
    expect(known.map(({ name }) => name)).toEqual([
      "builtin",
      "bge-small-en-v1.5",
      "all-MiniLM-L6-v2",
      "mine",
      "openai",
    ]);
    expect(known.find(({ name }) => name === "mine")).toMatchObject({ in_use: true, available: true });
    expect(known.find(({ name }) => name === "bge-small-en-v1.5")).toMatchObject({ available: false, folder: null });
    expect(await setup.inUse({ CAIRN_EMBEDDER: "/gone" })).toEqual(["/gone"]);
  });

  test("EMB-2: use writes the setting, keeps what is in the file, and says what happens next", async () => {
    await using setup = await setUp();
    await mkdir(setup.data);
    await writeFile(join(setup.data, "config.yaml"), "# mine\nport: 0 # any\n");
    const used = await setup.run(["embedder", "use", setup.tiny]);
    expect(used).toMatchObject({ code: 0, err: "" });
    expect(used.out).toMatch(/from now on[^]*in the background[^]*cairn embedder status/u);
    expect(await setup.config()).toBe(`# mine\nport: 0 # any\nembedder: ${setup.tiny}\n`);
    expect((await setup.listed()).filter((known) => known.in_use)).toMatchObject([
      { name: "tiny", folder: setup.tiny },
    ]);
    expect(await readdir(setup.data, { recursive: true })).toEqual(["config.yaml", "models", "models/used.json"]);
    const again = await setup.run(["embedder", "use", setup.tiny, "--json"]);
    expect(again.json).toMatchObject({ changed: false, model: { dimensions: 48 } });
    expect((await setup.run(["embedder", "use", "builtin"])).code).toBe(0);
    expect(await setup.config()).toBe("# mine\nport: 0 # any\nembedder: builtin\n");
  });

  test("EMB-2: use makes the file where there is none, by a model's name, from a relative folder, beside a variable", async () => {
    await using setup = await setUp();
    await cp(setup.tiny, join(setup.data, "models", "mine"), { recursive: true });
    const used = await setup.run(["embedder", "use", "mine"], { env: { CAIRN_EMBEDDER: "builtin" } });
    expect(used.out).toContain("CAIRN_EMBEDDER is set, and wins");
    expect(await setup.config()).toBe("embedder: mine\n");
    await cp(setup.tiny, join(setup.cwd, "other"), { recursive: true });
    await setup.run(["embedder", "use", "./other"]);
    expect(await setup.config()).toBe(`embedder: ${join(setup.cwd, "other")}\n`);
  });

  test.each<[what: string, words: readonly string[], code: number, text: RegExp]>([
    ["a name that nobody knows", ["use", "nobody"], 6, /bge-small-en-v1\.5/u],
    ["a model that is not here", ["use", "bge-small-en-v1.5"], 1, /cairn embedder pull bge-small-en-v1\.5/u],
    ["a folder without a model", ["use", "./nowhere"], 1, /tokenizer\.json/u],
    ["no name", ["use"], 6, /Which embedder/u],
    ["a service that is not set up", ["use", "openai"], 6, /embedding_url/u],
    ["a download that is none", ["pull", "nobody"], 6, /bge-small-en-v1\.5/u],
    ["a model that is brought", ["pull", "all-MiniLM-L6-v2"], 6, /Put its files into/u],
    ["a verb that is none", ["uze"], 2, /use/u],
  ])("EMB-2: %s is refused, with what would be right, and nothing is written", async (_, words, code, text) => {
    await using setup = await setUp();
    const refused = await setup.run(["embedder", ...words]);
    expect(refused.code).toBe(code);
    expect(refused.err).toMatch(text);
    expect(await readdir(setup.data).catch(() => [])).not.toContain("config.yaml");
  });

  test("EMB-2: a broken model is refused before it is chosen", async () => {
    await using setup = await setUp();
    await writeFile(join(setup.tiny, "model.onnx"), "no weights");
    expect((await setup.run(["embedder", "use", setup.tiny])).code).toBe(6);
    expect(await setup.inUse()).toEqual(["builtin"]);
  });

  test("EMB-2: TribalMemory's own file is not written to", async () => {
    await using setup = await setUp();
    await mkdir(setup.data);
    await writeFile(join(setup.data, "config.yaml"), "instance_id: x\nserver:\n  port: 1\n");
    expect(await setup.run(["embedder", "use", setup.tiny])).toMatchObject({ code: 6 });
    expect(await setup.config()).toBe("instance_id: x\nserver:\n  port: 1\n");
  });

  test("EMB-2: test shows whether the embedder tells what belongs together, and how fast it is", async () => {
    await using setup = await setUp();
    const builtin = await setup.run(["embedder", "test", "--json"]);
    expect(builtin).toMatchObject({ code: 0, json: { sane: true, model: { provider: "builtin", dimensions: 256 } } });
    for (const pair of builtin.json.pairs) expect(pair.same_cosine).toBeGreaterThan(pair.other_cosine);
    const tiny = await setup.run(["embedder", "test", setup.tiny]);
    expect(tiny.out).toMatch(/tiny-48@[0-9a-f]{12}, 48 dimensions/u);
    expect(tiny.out).toMatch(/ms for a sentence/u);
  });

  test("EMB-3: a service is asked before it is chosen, and can be tried like any other", async () => {
    await using setup = await setUp();
    await using service = await startService();
    await mkdir(setup.data);
    await writeFile(join(setup.data, "config.yaml"), `embedding_url: ${service.url}\nembedding_model: some-model\n`);
    expect(await setup.run(["embedder", "use", "openai"])).toMatchObject({ code: 0 });
    expect(service.asked.length).toBeGreaterThan(0);
    expect(await setup.inUse()).toEqual(["openai"]);
    expect((await setup.run(["embedder", "list"])).out).toContain("some-model at 127.0.0.1");
    const tried = await setup.run(["embedder", "test", "--json"]);
    expect(tried.json.model).toMatchObject({ provider: "openai" });
  });

  test("EMB-6: status names the model in use and how far each space is", async () => {
    await using setup = await setUp();
    await setup.run(["remember", "The harbour opens at seven"]);
    await setup.run(["spaces", "create", "work"]);
    const all = await setup.run(["embedder", "status", "--json"]);
    expect(all).toMatchObject({
      code: 0,
      json: {
        configured: { dimensions: 256, provider: "builtin" },
        available: true,
        spaces: [
          { name: "default", documents: 1, missing: 0, next: null },
          { name: "work", documents: 0 },
        ],
      },
    });
    const one = await setup.run(["embedder", "status", "--space", "default", "--json"]);
    expect(one.json.space).toMatchObject({ documents: 1, model: { provider: "builtin" } });
    expect((await setup.run(["embedder", "status"])).out).toMatch(
      /: answers\n[^]*default +cairn-static-256@\w+ +1 +complete/u,
    );
    expect((await setup.run(["embedder", "status", "--space", "nowhere"])).code).toBe(3);
  });

  test("EMB-2: a download that fails says what to do instead, and that the built-in embedder goes on", async () => {
    await using setup = await setUp();
    await using refusing = await modelHost((_, response) => response.writeHead(403).end());
    const failed = await setup.run(["embedder", "pull"], { env: { CAIRN_MODEL_URL: refusing.url } });
    expect(failed).toMatchObject({ code: 1, out: "" });
    expect(failed.err).toMatch(/status 403[^]*HTTPS_PROXY[^]*built-in embedder goes on/u);
    await using other = await modelHost((_, response) => response.end("{}"));
    const wrong = await setup.run(["embedder", "pull", "--json"], { env: { CAIRN_MODEL_URL: other.url } });
    expect(wrong.code).toBe(6);
    expect(JSON.parse(wrong.err)).toMatchObject({ code: "model.invalid" });
    expect((await setup.run(["embedder", "use", "bge-small-en-v1.5"])).code).toBe(1);
  });
});
