import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { settingsSchema } from "@cairn/server/settings";
import { applyEdits } from "./apply-edits.ts";
import { planFromTribal, planUninitTribal, settingsAsWritten } from "./from-tribal.ts";
import { addSettings, removeSettings } from "./settings-text.ts";
import { readTribalConfig, tribalSettings } from "./tribal-settings.ts";

const installed = `# Tribal Memory Configuration
instance_id: laptop

embedding:
  provider: fastembed
  model: BAAI/bge-small-en-v1.5
  dimensions: 384

db:
  provider: lancedb
  path: ~/.tribal-memory/lancedb

server:
  host: 127.0.0.1
  port: 18790
  session_retention_days: 60
  auto_capture: true

search:
  reranking: heuristic
`;

const cloud = `instance_id: 7
embedding: { provider: openai, model: text-embedding-3-small, dimensions: 1536, api_key: sk-secret, api_base: "https://api.example.com/v1" }
db: { provider: postgres, uri: "postgres://ada:hunter2@db/mem" }
auth: { enabled: true, require_key: true }
sync: { enabled: true, cloud_url: "https://tribal.example.com", api_key: tm_secret, interval: 300 }
`;

const setup = async (config: string | null = installed) => {
  const home = await mkdtemp(join(tmpdir(), "cairn-tribal-"));
  const settingsPath = join(home, "cairn", "config.yaml");
  const tribal = join(home, ".tribal-memory", "config.yaml");
  await mkdir(join(home, ".tribal-memory"));
  await mkdir(join(home, "cairn"));
  if (config !== null) await writeFile(tribal, config);
  return {
    home,
    settingsPath,
    tribal,
    plan: (env: Record<string, string> = {}, configPath?: string) =>
      planFromTribal({
        host: { platform: "linux", home, env },
        settingsPath,
        ...(configPath === undefined ? {} : { configPath }),
      }),
    settings: () => readFile(settingsPath, "utf8"),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
};

const errorOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("API-7: TribalMemory's settings as Cairn's", () => {
  test("an installed TribalMemory's file", () => {
    const { settings, notTaken, data } = readTribalConfig(installed);
    expect(settings).toEqual({ instance: "laptop", host: "127.0.0.1", port: 18790, sessionRetentionDays: 60 });
    expect(notTaken.map(({ field }) => field)).toEqual([
      "embedding.provider",
      "embedding.model",
      "embedding.dimensions",
      "server.auto_capture",
      "search.reranking",
    ]);
    expect(data).toEqual({ provider: "lancedb", path: "~/.tribal-memory/lancedb" });
  });

  test("the cloud edition's file; keys and passwords are in nothing that comes back", () => {
    const config = readTribalConfig(cloud);
    expect(config.settings).toEqual({
      instance: "7",
      embedding: { apiBase: "https://api.example.com/v1", model: "text-embedding-3-small", dimensions: 1536 },
      requireKey: true,
      sync: { url: "https://tribal.example.com", intervalSeconds: 300 },
    });
    expect(config.notTaken.map(({ field }) => field)).toEqual(["embedding.api_key", "sync.api_key"]);
    expect(JSON.stringify(config)).not.toMatch(/secret|hunter2/);
  });

  test("an empty file sets nothing; a service that is off stays off", () => {
    expect(tribalSettings("")).toEqual({});
    expect(tribalSettings("# nothing\n")).toEqual({});
    expect(tribalSettings("sync: { enabled: false, cloud_url: https://x }\nauth: { enabled: false }")).toEqual({
      requireKey: false,
    });
  });

  test.each([
    ["a: [1\n", "line", "not valid YAML"],
    ["- a\n", "line 1", "settings"],
    ["instance_id: x\nserver:\n  port: many\n", "line 3", "server.port should be a whole number"],
    ["server:\n  port: 70000\n", "line 2", "server.port"],
    ["auth:\n  enabled: maybe\n", "line 2", "auth.enabled should be true or false"],
    ["instance_id:\n  - a\n", "line", "instance_id should be a text"],
  ])("a broken file is refused with file, line and advice: %j", (text, line, problem) => {
    const error = errorOf(() => readTribalConfig(text, "/t/config.yaml"));
    expect(error).toMatchObject({ code: "config.invalid", data: { hint: expect.any(String) } });
    expect(String(error)).toContain(`/t/config.yaml, ${line}`);
    expect(String(error)).toContain(problem);
  });
});

describe("API-7: cairn init --from-tribal", () => {
  test("settings go into a marked block; a second run finds them; uninit gives back the file", async () => {
    await using on = await setup();
    const own = "# mine\r\nlog: debug # loud\r\nport: 4000";
    await writeFile(on.settingsPath, own);
    const first = await on.plan();
    expect(first).toMatchObject({ source: on.tribal, kept: ["port"], edit: { outcome: "settings-taken" } });
    await applyEdits([first.edit]);
    const written = await on.settings();
    expect(written.startsWith(`${own}\r\n# Taken over from TribalMemory`)).toBe(true);
    expect(written.replaceAll("\r\n", "")).not.toContain("\n");
    expect(parse(written)).toEqual({
      log: "debug",
      port: 4000,
      instance: "laptop",
      host: "127.0.0.1",
      session_retention_days: 60,
    });
    expect((await on.plan()).edit).toMatchObject({
      outcome: "settings-already-taken",
      before: written,
      after: written,
    });
    await applyEdits([await planUninitTribal(on.settingsPath)]);
    expect(await on.settings()).toBe(own);
  });

  test("a new file goes again with uninit; without the block there is nothing to do", async () => {
    await using on = await setup();
    expect(await planUninitTribal(on.settingsPath)).toMatchObject({ outcome: "no-settings-taken", after: null });
    await applyEdits([(await on.plan()).edit]);
    expect(await on.settings()).toContain("instance: laptop");
    await applyEdits([await planUninitTribal(on.settingsPath)]);
    expect((await readdir(join(on.home, "cairn"))).filter((name) => name === "config.yaml")).toEqual([]);
  });

  test("it says where the memories are and gives the commands to bring them along", async () => {
    await using on = await setup();
    await mkdir(join(on.home, ".tribal-memory", "lancedb"));
    const { data, commands } = await on.plan();
    expect(data).toContain(join(on.home, ".tribal-memory", "lancedb"));
    expect(data).toContain("only TribalMemory's own library can read it");
    expect(commands.filter((line) => !line.startsWith("#"))).toEqual([
      `tribalmemory serve --config "${on.tribal}" --host 127.0.0.1 --port 18791`,
      'curl -sS -X POST http://127.0.0.1:18791/v1/export -H "content-type: application/json" -d "{}" -o tribal-export.json',
      "cairn import tribal-export.json",
    ]);
    await writeFile(on.tribal, cloud);
    expect(JSON.stringify(await on.plan())).not.toMatch(/secret|hunter2/);
  });

  test("a TribalMemory that ran on its defaults has no file: its folder is enough", async () => {
    await using on = await setup(null);
    await expect(on.plan()).rejects.toMatchObject({ code: "config.invalid" });
    await mkdir(join(on.home, ".tribal-memory", "lancedb"));
    expect(await on.plan()).toMatchObject({ source: null, settings: {}, edit: { before: null, after: null } });
  });

  test("the file is found by TRIBAL_MEMORY_CONFIG or a given path, and named when missing", async () => {
    await using on = await setup(null);
    const other = join(on.home, "other.yaml");
    await writeFile(other, "instance_id: other\n");
    expect((await on.plan({ TRIBAL_MEMORY_CONFIG: "~/other.yaml" })).settings).toEqual({ instance: "other" });
    expect((await on.plan({ TRIBAL_MEMORY_CONFIG: "/no" }, other)).settings).toEqual({ instance: "other" });
    await expect(on.plan({}, join(on.home, "none.yaml"))).rejects.toThrow("none.yaml");
  });

  test("a file that ends its YAML document early, or is one inline object, is left alone", () => {
    for (const text of ["a: 1\n...\n", "{ a: 1 }\n", "a: 1\n---\nb: 2\n", "a: [\n"]) {
      expect(errorOf(() => addSettings(text, { port: 1 }, "c.yaml"))).toMatchObject({ code: "config.invalid" });
    }
  });

  const settings = fc.record(
    { instance: fc.string({ minLength: 1 }), host: fc.string(), port: fc.integer({ min: 1, max: 65_535 }) },
    { requiredKeys: ["port"] },
  );
  const before = fc.constantFrom("", "# note\n", "\ufeff# note\n", "log: x\n\n\n", "log:\n  - 1\r\n", "---\nlog: x\n");

  test("any settings are read back as given, and taking them out gives the text before", () => {
    fc.assert(
      fc.property(settings, before, (some, text) => {
        const given = Object.fromEntries(Object.entries(some));
        const added = addSettings(text, given, "c.yaml").text;
        expect(parse(added.replace(/^\ufeff/, ""))).toMatchObject(given);
        expect(addSettings(added, given, "c.yaml")).toEqual({ text: added, kept: [] });
        expect(removeSettings(added)).toBe(text);
      }),
    );
  });

  test("only settings that the server knows are written, with values that it takes", () => {
    const written = settingsAsWritten({
      instance: "laptop",
      host: "127.0.0.1",
      port: 4000,
      sessionRetentionDays: 3,
      requireKey: true,
      embedding: { apiBase: "b" },
      sync: { url: "https://x", intervalSeconds: 5 },
    });
    expect(written).toEqual({ instance: "laptop", host: "127.0.0.1", port: 4000, session_retention_days: 3 });
    for (const [name, value] of Object.entries(written)) {
      expect(settingsSchema.shape[name as keyof typeof settingsSchema.shape].safeParse(value).success).toBe(true);
    }
    expect(settingsAsWritten({ instance: "Ada's laptop", host: "0.0.0.0" })).toEqual({});
  });

  test("what this version has no setting for is named with the reason", async () => {
    await using on = await setup(cloud.replace("instance_id: 7", "instance_id: my laptop\nserver: { host: 0.0.0.0 }"));
    const { notTaken, edit } = await on.plan();
    expect(notTaken.map(({ field }) => field)).toEqual([
      "embedding.api_key",
      "sync.api_key",
      "instance_id",
      "server.host",
      "embedding",
      "auth",
      "sync",
    ]);
    expect(edit.after).toBe(null);
  });
});
