import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTinyPairModel, makeTinyTextModel } from "@cairn/embed/fixtures/tiny-model";
import { startService, status, well } from "@cairn/embed/remote/unruly-service.fixture";
import { passage } from "@cairn/testing/embedder-conformance";
import { describe, expect, test } from "vitest";
import { readSettings } from "../settings.ts";
import { openEmbedders } from "./open-embedders.ts";

const makeData = async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-embedders-"));
  return { data, [Symbol.asyncDispose]: () => rm(data, { recursive: true, force: true, maxRetries: 3 }) };
};

/** Opens as a server with these variables would. */
const open = async (data: string, env: Readonly<Record<string, string>>, clock?: () => number) => {
  const machine = { platform: process.platform, home: data, hostname: "test", env: { CAIRN_DATA: data, ...env } };
  const warnings: string[] = [];
  const settings = await readSettings({}, machine);
  const embedders = await openEmbedders(settings, {
    warn: (line) => warnings.push(line),
    ...(clock === undefined ? {} : { clock }),
  });
  return { ...embedders, warnings, [Symbol.asyncDispose]: embedders.close };
};
const serviceEnv = (url: string, more: Readonly<Record<string, string>> = {}) => ({
  CAIRN_EMBEDDER: "openai",
  CAIRN_EMBEDDING_URL: url,
  CAIRN_EMBEDDING_MODEL: "test-model",
  ...more,
});

describe("the built-in embedder", () => {
  test("EMB-1 is what opens without any setting, without a queue or a cache", async () => {
    await using folder = await makeData();
    await using embedders = await open(folder.data, {});
    expect(embedders.current.model.provider).toBe("builtin");
    expect(embedders.figures()).toMatchObject({ fallback: false, queue: null, cache: null, remote: null });
    expect(await embedders.of(embedders.current.model.id)).toBe(embedders.current);
    expect(await embedders.of("another@1")).toBeNull();
    expect(await readdir(folder.data)).toEqual([]);
    expect(embedders.warnings).toEqual([]);
  });
});

describe("a service", () => {
  test.each([
    ["embedding_url", { CAIRN_EMBEDDER: "openai", CAIRN_EMBEDDING_MODEL: "m" }],
    ["embedding_model", { CAIRN_EMBEDDER: "openai", CAIRN_EMBEDDING_URL: "http://127.0.0.1:9" }],
    ["embedding_url", { CAIRN_EMBEDDER: "openai", CAIRN_EMBEDDING_URL: "nonsense", CAIRN_EMBEDDING_MODEL: "m" }],
  ])("EMB-3 without a right %s is an error of the settings that names it", async (name, env) => {
    await using folder = await makeData();
    await expect(open(folder.data, env)).rejects.toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining(name) as string,
      data: { hint: expect.stringContaining(`CAIRN_${name.toUpperCase()}`) as string },
    });
  });

  test("EMB-3 EMB-4 stands behind the queue; what it embedded before a restart is not asked for again", async () => {
    await using folder = await makeData();
    await using service = await startService();
    const env = serviceEnv(service.url, { CAIRN_EMBEDDING_DIMENSIONS: "4", CAIRN_EMBEDDING_PRICE: "2" });
    let vectors: unknown;
    {
      await using first = await open(folder.data, env);
      expect(first.current.model).toMatchObject({ id: `openai:test-model@4/${service.place}`, provider: "openai" });
      vectors = await first.current.embedPassages([passage("one"), passage("two")], { tenant: "a" });
      expect(first.figures()).toMatchObject({
        queue: { batches: 1, texts: 2 },
        cache: { misses: 2, disk: { off: null } },
        remote: { requests: 1, tokens: 6, cost: 0.000012 },
      });
    }
    await using again = await open(folder.data, env);
    expect(await again.current.embedPassages([passage("one"), passage("two")])).toEqual(vectors);
    expect(again.figures()).toMatchObject({ cache: { hitsDisk: 2, misses: 0 }, remote: { requests: 0 } });
    expect(again.warnings).toEqual([]);
  });

  test("EMB-3 whose dimensions were found out once can be away when the server starts again", async () => {
    await using folder = await makeData();
    await using service = await startService();
    const env = serviceEnv(service.url);
    await (await open(folder.data, env)).close();
    expect(service.asked).toHaveLength(1);
    await service.close();
    await using offline = await open(folder.data, env);
    expect(offline.fallback).toBe(false);
    expect(offline.current.model.dimensions).toBe(4);
    await expect(offline.current.embedQuery("x")).rejects.toMatchObject({ code: "embedding.unavailable" });
    expect(offline.warnings).toHaveLength(1);
  });

  test("EMB-3 that cannot be asked for its dimensions: the built-in one stands in, with one warning", async () => {
    await using folder = await makeData();
    await using service = await startService();
    service.always(status(401));
    await using embedders = await open(folder.data, serviceEnv(service.url));
    expect(embedders).toMatchObject({ fallback: true, current: { model: { provider: "builtin" } } });
    expect(embedders.warnings).toEqual([expect.stringMatching(/embedding_api_key.*built-in embedder goes on/u)]);
    // A space that has vectors of that model is served again as soon as the service is back.
    service.always(well);
    const id = `openai:test-model@4/${service.place}`;
    const back = await embedders.of(id);
    expect(await back?.embedQuery("x")).toHaveLength(4);
    expect(await embedders.of(id)).toBe(back);
    expect(embedders.warnings).toHaveLength(1);
  });

  test("EMB-6 that was left for another embedder still answers for spaces of its model", async () => {
    await using folder = await makeData();
    await using service = await startService();
    const env = serviceEnv(service.url, { CAIRN_EMBEDDER: "builtin" });
    await using embedders = await open(folder.data, env);
    const found = await Promise.all(
      [4, 4, 8].map((size) => embedders.of(`openai:test-model@${size}/${service.place}`)),
    );
    expect(found.map((one) => one?.model.dimensions)).toEqual([4, 4, 8]);
    expect(found[0]).toBe(found[1]);
    expect(await embedders.of(`openai:other-model@4/${service.place}`)).toBeNull();
    expect(await embedders.of("openai:test-model@4/elsewhere.test")).toBeNull();
  });

  test("EMB-3 on another machine without encryption is worth a warning", async () => {
    await using folder = await makeData();
    const env = serviceEnv("http://10.1.2.3/v1", { CAIRN_EMBEDDING_DIMENSIONS: "4", CAIRN_EMBEDDING_API_KEY: "k" });
    await using embedders = await open(folder.data, env);
    expect(embedders.warnings).toEqual([expect.stringMatching(/key travel unencrypted to 10\.1\.2\.3/u)]);
  });
});

describe("a model in this process", () => {
  test("EMB-2 EMB-4 stands behind the queue and the cache", async () => {
    await using folder = await makeData();
    await using tiny = await makeTinyTextModel();
    await using embedders = await open(folder.data, { CAIRN_EMBEDDER: tiny.folder });
    expect(embedders.current.model).toMatchObject({ dimensions: 48, provider: "onnx" });
    await embedders.current.embedPassages([passage("a cat")]);
    await embedders.current.embedPassages([passage("a cat")]);
    expect(embedders.figures()).toMatchObject({ queue: { texts: 1 }, cache: { hitsMemory: 1 }, remote: null });
  });

  test.each(["bge-small-en-v1.5", "my-own-model", "/no/such/folder"])(
    "EMB-2 %s that is not here: the built-in one stands in, with one warning that says what mends it",
    async (name) => {
      await using folder = await makeData();
      await using embedders = await open(folder.data, { CAIRN_EMBEDDER: name });
      expect(embedders).toMatchObject({ fallback: true, current: { model: { provider: "builtin" } } });
      expect(embedders.warnings).toHaveLength(1);
      if (name.startsWith("bge")) expect(embedders.warnings[0]).toContain(`cairn embedder pull ${name}`);
    },
  );

  test("EMB-6 in the data folder answers for spaces of its model, whatever is chosen", async () => {
    await using folder = await makeData();
    await using tiny = await makeTinyTextModel();
    await cp(tiny.folder, join(folder.data, "models", "tiny"), { recursive: true });
    let id = "";
    {
      await using chosen = await open(folder.data, { CAIRN_EMBEDDER: "tiny" });
      ({ id } = chosen.current.model);
    }
    await using embedders = await open(folder.data, {});
    const [one, same] = await Promise.all([embedders.of(id), embedders.of(id)]);
    expect(one?.model.id).toBe(id);
    expect(same).toBe(one);
    expect(await embedders.of("tiny-48@000000000000")).toBeNull();
  });

  test("EMB-2 that comes back answers for its spaces again, looked for once a minute", async () => {
    await using folder = await makeData();
    await using tiny = await makeTinyTextModel();
    const place = join(folder.data, "models", "tiny");
    await cp(tiny.folder, place, { recursive: true });
    let id = "";
    {
      await using chosen = await open(folder.data, { CAIRN_EMBEDDER: "tiny" });
      ({ id } = chosen.current.model);
    }
    await rm(place, { recursive: true });
    let now = 0;
    await using embedders = await open(folder.data, { CAIRN_EMBEDDER: "tiny" }, () => now);
    expect([embedders.fallback, await embedders.of(id)]).toEqual([true, null]);
    await cp(tiny.folder, place, { recursive: true });
    expect(await embedders.of(id)).toBeNull();
    now = 60_001;
    expect((await embedders.of(id))?.model.id).toBe(id);
    expect(embedders.warnings).toHaveLength(1);
  });
});

describe("the reranker", () => {
  test("REC-4 is opened from its folder", async () => {
    await using folder = await makeData();
    await using pair = await makeTinyPairModel();
    await using embedders = await open(folder.data, { CAIRN_RERANKER: pair.folder });
    const scores = await embedders.pairScorer?.score("cat", ["a cat", "a boat"]);
    expect(scores?.[0]).toBeGreaterThan(scores?.[1] ?? 1);
  });

  test("REC-4 that is not there costs one warning, and answers keep their order", async () => {
    await using folder = await makeData();
    await using embedders = await open(folder.data, { CAIRN_RERANKER: join(folder.data, "nothing") });
    expect(embedders.pairScorer).toBeNull();
    expect(embedders.warnings).toEqual([expect.stringContaining("reranker")]);
  });
});
