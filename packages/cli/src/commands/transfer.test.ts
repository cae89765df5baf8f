import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

type Cli = Awaited<ReturnType<typeof setUpCli>>;
type Shown = Readonly<Record<string, unknown>>;

const bundle = {
  manifest: {
    schema_version: "1.0",
    embedding: {
      model_name: "BAAI/bge-small-en-v1.5",
      dimensions: 3,
      provider: "fastembed",
      created_at: "2025-01-01T00:00:00",
    },
    memory_count: 3,
    exported_at: "2025-01-01T00:00:00",
  },
  entries: [
    {
      id: "a1",
      content: "Ada likes tea",
      embedding: [1, 0, 0],
      source_instance: "laptop",
      source_type: "user_explicit",
      created_at: "2024-05-01T10:00:00",
      updated_at: "2024-05-01T10:00:00",
      tags: ["drinks"],
      context: null,
      confidence: 1,
      supersedes: null,
      related_to: [],
    },
    {
      id: "a2",
      content: "Grace moved to Oslo in 2023",
      embedding: null,
      source_instance: "laptop",
      source_type: "deliberate",
      created_at: "2024-05-02T10:00:00",
      updated_at: "2024-05-02T10:00:00",
      tags: [],
      context: "chat",
      confidence: 0.5,
      supersedes: null,
      related_to: [],
    },
    {
      id: "a3",
      content: 7,
      source_instance: "laptop",
      source_type: "unknown",
      created_at: "2024-05-02T10:00:00",
      updated_at: "2024-05-02T10:00:00",
      tags: [],
    },
  ],
};

const all = async (cli: Cli, ...options: readonly string[]): Promise<readonly Shown[]> =>
  (await cli.run(["list", "--all", "--order", "oldest", "--json", ...options])).json.memories;

/** What a memory is, apart from who stored it where in this copy. */
const essence = (memories: readonly Shown[]): readonly Shown[] =>
  memories
    .map(({ space: _space, version: _version, created_by: _by, updated_by: _updater, ...rest }) => rest)
    .toSorted((one, other) => (String(one["id"]) < String(other["id"]) ? -1 : 1));

const fill = async (cli: Cli): Promise<void> => {
  await cli.run([
    "remember",
    "Ada prefers tea",
    "--tag",
    "drinks",
    "--author",
    "Ada",
    "--occurred-at",
    "2024-05-06",
    "--importance",
    "0.5",
  ]);
  await cli.run([
    "remember",
    "Deploys go out on Tuesday\n\n- not on holidays --> never",
    "--key",
    "deploy",
    "--category",
    "rule",
    "--decay",
    "durable",
  ]);
  await cli.run([
    "remember",
    "Quelle: https://example.org",
    "--source-uri",
    "https://example.org",
    "--metadata",
    '{"deep":{"X_y":[1]}}',
  ]);
};

describe("API-7: import", () => {
  test("a TribalMemory bundle: ids, times and origin stay; what is wrong is named, the rest comes in", async () => {
    await using cli = await setUpCli();
    await writeFile(
      join(cli.cwd, "bundle.json"),
      JSON.stringify({ success: true, memory_count: 3, bundle, error: null }),
    );
    const first = await cli.run(["import", "bundle.json"]);
    expect(first).toMatchObject({ code: 1, out: "2 imported, 1 not taken over\n" });
    expect(first.err).toContain("bundle.json: tribal");
    expect(first.err).toContain("bundle.json, entries.2.content");
    expect(await all(cli)).toMatchObject([
      { id: "a1", source_instance: "laptop", created_at: "2024-05-01T10:00:00.000Z", tags: ["drinks"] },
      { id: "a2", source_type: "user_explicit", context: "chat", confidence: 0.5 },
    ]);
    expect((await cli.run(["recall", "who drinks tea?", "--json"])).json.results[0].memory.id).toBe("a1");
    expect((await cli.run(["import", "bundle.json"])).out).toBe("0 imported, 2 there already, 1 not taken over\n");
    expect((await cli.run(["import", "bundle.json", "--conflict", "overwrite", "--json"])).json).toMatchObject({
      imported: 0,
      overwritten: 2,
      errors: 1,
    });
  });

  test("Markdown: a file, a folder, standard input; again nothing comes in twice", async () => {
    await using cli = await setUpCli();
    await mkdir(join(cli.cwd, "notes", "sub"), { recursive: true });
    await writeFile(join(cli.cwd, "notes", "MEMORY.md"), "# Preferences\n\n- tabs over spaces\n- tea over coffee\n");
    await writeFile(join(cli.cwd, "notes", "sub", "2024-05-06.md"), "Met Grace about the Oslo office.\n");
    await writeFile(join(cli.cwd, "notes", "ignored.txt"), "not this\n");
    expect(await cli.run(["import", "notes"])).toMatchObject({ code: 0, out: "3 imported\n" });
    expect((await cli.run(["list", "--tag", "preferences", "--json"])).json.memories).toHaveLength(2);
    expect(
      (await cli.run(["list", "--after", "2024-05-06", "--before", "2024-05-06", "--json"])).json.memories,
    ).toHaveLength(1);
    expect((await cli.run(["import", "notes"])).out).toBe("0 imported, 3 there already\n");
    expect((await cli.run(["import", "-"], { input: "- one thing\n- tea over coffee\n" })).out).toBe(
      "1 imported, 1 there already\n",
    );
  });

  test("JSONL: bad lines are listed by number, the first twenty and how many more", async () => {
    await using cli = await setUpCli();
    const bad = Array.from({ length: 30 }, () => "{oops");
    const good = [
      { content: "first" },
      { text: "second", tags: ["t"] },
      { memory: "third", created_at: 1_700_000_000 },
    ];
    await writeFile(join(cli.cwd, "m.jsonl"), [...good.map((line) => JSON.stringify(line)), "", ...bad].join("\n"));
    const done = await cli.run(["import", "m.jsonl"]);
    expect(done).toMatchObject({ code: 1, out: "3 imported, 30 not taken over\n" });
    expect(done.err.match(/line \d+: this is not valid JSON/gu)).toHaveLength(20);
    expect(done.err).toContain("m.jsonl, line 5");
    expect(done.err).toContain("and 10 more");
  });

  test("a record that is well-formed but breaks a limit is named by its place in the file", async () => {
    await using cli = await setUpCli();
    const lines = [{ content: "fine" }, { content: "x", tags: ["a".repeat(101)] }];
    await writeFile(join(cli.cwd, "m.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
    const done = await cli.run(["import", "m.jsonl"]);
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining("m.jsonl, line 2: tag must be") });
  });

  test("--dry-run changes nothing", async () => {
    await using cli = await setUpCli();
    await writeFile(join(cli.cwd, "bundle.json"), JSON.stringify(bundle));
    expect((await cli.run(["import", "bundle.json", "--dry-run"])).out).toBe("2 would be imported, 1 not taken over\n");
    expect(await all(cli)).toEqual([]);
  });

  test.each([
    ["missing.json", null],
    ["photo.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0xff, 0xfe])],
    ["data.json", Buffer.from('{"some":\n"thing"}')],
  ])("%s is refused with a reason, and nothing is stored", async (name, bytes) => {
    await using cli = await setUpCli();
    if (bytes !== null) await writeFile(join(cli.cwd, name), bytes);
    const done = await cli.run(["import", name]);
    expect(done).toMatchObject({ code: 6, err: expect.stringContaining(name) });
    expect(await all(cli)).toEqual([]);
  });

  test("several files: one that is cut off does not keep the others out", async () => {
    await using cli = await setUpCli();
    const text = JSON.stringify(bundle);
    await writeFile(join(cli.cwd, "cut.json"), text.slice(0, text.indexOf('{"id":"a2"') + 20));
    await writeFile(join(cli.cwd, "n.md"), "- something else\n");
    const done = await cli.run(["import", "cut.json", "n.md"]);
    expect(done).toMatchObject({ code: 1, out: "2 imported\n", err: expect.stringContaining("cut off") });
  });

  test("an import that is interrupted can be run again", async () => {
    await using cli = await setUpCli();
    const lines = Array.from({ length: 600 }, (_, index) => JSON.stringify({ content: `Measurement number ${index}` }));
    await writeFile(join(cli.cwd, "m.jsonl"), lines.join("\n"));
    const controller = new AbortController();
    const source = new Proxy(controller.signal, {
      get: (signal, name) => (name === "throwIfAborted" ? () => checks() : Reflect.get(signal, name, signal)),
    });
    let count = 0;
    const checks = (): void => {
      count += 1;
      if (count === 3) controller.abort();
      controller.signal.throwIfAborted();
    };
    const first = await cli.run(["import", "m.jsonl"], { signal: source });
    expect(first).toMatchObject({
      code: 130,
      out: "250 imported\n",
      err: expect.stringContaining("Run the same import again"),
    });
    expect(await cli.run(["import", "m.jsonl"])).toMatchObject({ code: 0, out: "350 imported, 250 there already\n" });
    expect((await cli.run(["stats", "--json"])).json.total_memories).toBe(600);
  });
});

describe("API-7: export", () => {
  test.each(["cairn", "jsonl"])("%s: imported into a new folder, every field is the same", async (format) => {
    await using cli = await setUpCli();
    await fill(cli);
    const before = await all(cli);
    expect((await cli.run(["export", "out.file", "--format", format])).out).toBe("3 memories written to out.file\n");
    const other = join(cli.root, "other");
    expect(await cli.run(["import", "out.file", "--data", other])).toMatchObject({ code: 0, out: "3 imported\n" });
    expect(essence(await all(cli, "--data", other))).toEqual(essence(before));
    const [mine, theirs] = await Promise.all([
      cli.run(["recall", "tea", "--json"]),
      cli.run(["recall", "tea", "--json", "--data", other]),
    ]);
    expect(theirs.json.results[0].similarity_score).toBe(mine.json.results[0].similarity_score);
    expect((await cli.run(["import", "out.file", "--data", other])).out).toBe("0 imported, 3 there already\n");
  });

  test("Cairn's own format brings the conversations along", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "a memory"]);
    await writeFile(
      join(cli.cwd, "t.json"),
      JSON.stringify({
        session_id: "s1",
        messages: [{ role: "user", content: "The printer is on floor three.", timestamp: "2025-01-02T10:00:00Z" }],
      }),
    );
    await cli.run(["sessions", "ingest", "t.json"]);
    const { out } = await cli.run(["export"]);
    const other = join(cli.root, "other");
    expect((await cli.run(["import", "-", "--data", other], { input: out })).out).toBe(
      "1 imported, 1 messages of conversations\n",
    );
    expect((await cli.run(["sessions", "show", "s1", "--data", other])).out).toContain("floor three");
  });

  test("TribalMemory's bundle and Markdown can be imported again", async () => {
    await using cli = await setUpCli();
    await fill(cli);
    const tribal = await cli.run(["export", "--format", "tribal"]);
    expect(tribal.json.manifest).toMatchObject({ schema_version: "1.0", memory_count: 3 });
    expect(tribal.json.entries[0]).toMatchObject({
      content: "Ada prefers tea",
      embedding: expect.any(Array),
      tags: ["drinks"],
    });
    const other = join(cli.root, "tribal");
    expect((await cli.run(["import", "-", "--data", other], { input: tribal.out })).out).toBe("3 imported\n");
    const markdown = await cli.run(["export", "--format", "markdown"]);
    expect(markdown.out).toContain("## 2024-05-06\n\n- Ada prefers tea <!-- ");
    const third = join(cli.root, "markdown");
    await cli.run(["import", "-", "--format", "markdown", "--data", third], { input: markdown.out });
    expect((await all(cli, "--data", third)).map(({ content }) => content)).toContain("Ada prefers tea");
  });

  test("filters decide what is written; a file that is cut off or altered is not taken for whole", async () => {
    await using cli = await setUpCli();
    await fill(cli);
    expect((await cli.run(["export", "--format", "jsonl", "--tag", "drinks"])).out.trim().split("\n")).toHaveLength(1);
    expect((await cli.run(["export", "--format", "jsonl", "--to", "2001"])).out).toBe("");
    await cli.run(["export", "all.jsonl"]);
    const text = await readFile(join(cli.cwd, "all.jsonl"), "utf8");
    const other = join(cli.root, "other");
    const cut = await cli.run(["import", "-", "--data", other], {
      input: text.slice(0, text.lastIndexOf('{"type":"end"')),
    });
    expect(cut).toMatchObject({ code: 1, err: expect.stringContaining("cut off") });
    expect(
      (await cli.run(["import", "-", "--data", other], { input: text.replace("Ada prefers", "Ada hates") })).err,
    ).toContain("altered");
  });

  test("the file appears whole or not at all, and only its owner can read it", async () => {
    await using cli = await setUpCli();
    await fill(cli);
    await cli.run(["export", "out.jsonl"]);
    if (process.platform !== "win32") expect((await stat(join(cli.cwd, "out.jsonl"))).mode & 0o777).toBe(0o600);
    const before = await readFile(join(cli.cwd, "out.jsonl"), "utf8");
    expect((await cli.run(["export", "out.jsonl", "--from", "not a time"])).code).toBe(6);
    expect(await readFile(join(cli.cwd, "out.jsonl"), "utf8")).toBe(before);
    expect(await cli.run(["export", "no/such/folder.jsonl"])).toMatchObject({
      code: 5,
      err: expect.stringContaining("no such folder"),
    });
    expect(await readdir(cli.cwd)).toEqual(["out.jsonl"]);
  });
});
