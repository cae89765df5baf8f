import { describe, expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

describe("API-7: memories on the command line", () => {
  test("remembered, found, corrected, forgotten, brought back", async () => {
    await using cli = await setUpCli();
    const stored = await cli.run([
      "remember",
      "Ada prefers tea to coffee",
      "--tag",
      "drinks",
      "--author",
      "Ada",
      "--json",
    ]);
    expect(stored).toMatchObject({ code: 0, err: "", json: { success: true, status: "stored", version: 1 } });
    const id: string = stored.json.memory_id;
    const found = await cli.run(["recall", "what does Ada drink?", "--tag", "drinks", "--explain", "--json"]);
    expect(found.json.results[0]).toMatchObject({ type: "memory", memory: { id, author: "Ada", tags: ["drinks"] } });
    expect(found.json.results[0].explain.lexical.contribution).toBeGreaterThan(0);

    const corrected = await cli.run(["correct", id, "Ada prefers coffee to tea", "--json"]);
    const after: string = corrected.json.memory_id;
    const again = await cli.run(["recall", "what does Ada drink?", "--json"]);
    expect(again.json.results.map((one: { memory: { id: string } }) => one.memory.id)).toEqual([after]);

    expect(await cli.run(["forget", after])).toMatchObject({
      code: 0,
      out: expect.stringContaining(`cairn restore ${after}`),
    });
    expect(await cli.run(["get", after])).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining("There is no memory"),
    });
    expect(await cli.run(["restore", after])).toMatchObject({ code: 0 });
    const history = await cli.run(["history", after]);
    expect(history.out).toMatch(/version 1 {2}create[\s\S]*\+ Ada prefers coffee to tea[\s\S]*delete[\s\S]*restore/u);
    expect((await cli.run(["get", after])).out).toMatch(/supersedes +\S/u);
  });

  test("REC-4 REC-5 the best are ordered again as asked, as the space is set, and the sum is shown", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "Ada moved to Porto two weeks ago", "--session", "s"]);
    const asked = ["recall", "how long ago did Ada move?", "--explain"];
    expect((await cli.run([...asked, "--json"])).json).toMatchObject({ rerank: "none" });
    const shown = await cli.run([...asked, "--rerank", "heuristic"]);
    expect(shown.out.replaceAll(/\n +(?:= )?/gu, " ")).toMatch(
      / lexical .* → 0\.\d+; heuristic: first 0\.\d+ .*\+ cue 0\.030 \(0\.03 × 1\.000\).* → 0\.\d+;/u,
    );
    expect((await cli.run(["spaces", "set", "default", "--rerank", "heuristic"])).out).toContain("rerank: heuristic");
    const { json } = await cli.run([...asked, "--json"]);
    expect(json).toMatchObject({ rerank: "heuristic", results: [{ explain: { rerank: { mode: "heuristic" } } }] });
    expect(json.results[0].similarity_score).toBe(json.results[0].explain.rerank.similarity);
    await cli.run(["spaces", "set", "default", "--rerank", "default"]);
    expect((await cli.run([...asked, "--json"])).json).toMatchObject({ rerank: "none" });
    expect((await cli.run(["spaces", "set", "default"])).code).toBe(6);
    expect(await cli.run([...asked, "--rerank", "cross-encoder"])).toMatchObject({
      out: "",
      err: expect.stringContaining("CAIRN_RERANKER"),
    });
  });

  test("what is remembered already is named, and the exit status says so", async () => {
    await using cli = await setUpCli();
    const { json } = await cli.run(["remember", "the same", "--json"]);
    expect(await cli.run(["remember", "the same"])).toMatchObject({
      code: 4,
      out: expect.stringContaining(json.memory_id),
    });
    expect(await cli.run(["remember", "the same", "--json"])).toMatchObject({
      code: 4,
      json: { duplicate_of: json.memory_id },
    });
    expect((await cli.run(["remember", "the same", "--skip-dedup"])).code).toBe(0);
  });

  test("text comes from standard input with -, broken text is refused", async () => {
    await using cli = await setUpCli();
    expect((await cli.run(["remember", "-"], { input: "Zeilen\nmit Grüßen\n" })).code).toBe(0);
    expect((await cli.run(["list", "--json"])).json.memories[0].content).toBe("Zeilen\nmit Grüßen");
    expect(await cli.run(["remember", "-"], { input: Buffer.from([0xc3, 0x28]) })).toMatchObject({ code: 6, out: "" });
    expect(await cli.run(["remember", "-"], { input: "" })).toMatchObject({ code: 6 });
  });

  test("fields are updated and cleared; a stale version is refused", async () => {
    await using cli = await setUpCli();
    const { json } = await cli.run(["remember", "a fact", "--key", "k", "--metadata", '{"a":{"bC":1}}', "--json"]);
    const id: string = json.memory_id;
    const updated = await cli.run([
      "update",
      id,
      "--content",
      "a rule",
      "--category",
      "rule",
      "--tag",
      "x",
      "--clear",
      "key",
      "--json",
    ]);
    expect(updated.json).toMatchObject({
      content: "a rule",
      category: "rule",
      tags: ["x"],
      key: null,
      version: 2,
      metadata: { a: { bC: 1 } },
    });
    expect((await cli.run(["update", id, "--category", "fact", "--expected-version", "1"])).code).toBe(4);
    expect(await cli.run(["remember", "x", "--metadata", "{oops"])).toMatchObject({
      code: 6,
      err: expect.stringContaining("--metadata"),
    });
    expect(await cli.run(["remember", "x", "--importance", "3"])).toMatchObject({
      code: 6,
      err: expect.stringContaining("0 to 1"),
    });
  });

  test("errors for programs are problem documents on stderr", async () => {
    await using cli = await setUpCli();
    const missing = await cli.run(["get", "nothing", "--json"]);
    expect([missing.code, missing.out]).toEqual([3, ""]);
    expect(JSON.parse(missing.err)).toMatchObject({
      status: 404,
      code: "memory.not_found",
      request_id: expect.any(String),
    });
    const usage = await cli.run(["recal", "--json"]);
    expect([usage.code, usage.out]).toEqual([2, ""]);
    expect(JSON.parse(usage.err)).toMatchObject({
      code: "request.malformed",
      detail: expect.stringContaining("recall"),
    });
  });

  test("a list is as long as asked for, or whole, as text or as one document", async () => {
    await using cli = await setUpCli();
    for (const name of ["one", "two", "three"]) await cli.run(["remember", `number ${name}`]);
    const page = await cli.run(["list", "-n", "2", "--json"]);
    expect(page.json.memories).toHaveLength(2);
    const rest = await cli.run(["list", "--cursor", page.json.cursor, "--json"]);
    expect(rest.json.memories.map((one: { content: string }) => one.content)).toEqual(["number one"]);
    const all = await cli.run(["list", "--all", "--json"]);
    expect(all.json).toMatchObject({ cursor: null, memories: { length: 3 } });
    expect((await cli.run(["list", "--all", "--order", "oldest"])).out.match(/number \w+/gu)).toEqual([
      "number one",
      "number two",
      "number three",
    ]);
    expect((await cli.run(["list", "--all", "--tag", "none", "--json"])).json).toEqual({ memories: [], cursor: null });
  });

  test("erasing for good asks on a terminal, and needs --yes elsewhere", async () => {
    await using cli = await setUpCli();
    const id: string = (await cli.run(["remember", "a secret", "--json"])).json.memory_id;
    expect(await cli.run(["forget", id, "--purge"])).toMatchObject({ code: 6, err: expect.stringContaining("--yes") });
    expect((await cli.run(["forget", id, "--purge"], { answers: [""] })).code).toBe(1);
    expect((await cli.run(["get", id])).code).toBe(0);
    expect((await cli.run(["forget", id, "--purge"], { answers: ["y"] })).code).toBe(0);
    expect([3]).toContain((await cli.run(["restore", id])).code);
  });

  test("a terminal sees colour and no one's escape sequences; NO_COLOR is kept", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "-", "--tag", "\u001b[31mred"], { input: "evil \u001b]0;title\u0007 text \u009b31m" });
    const shown = await cli.run(["list"], { answers: [] });
    expect(shown.out).toContain("\u001b[36m");
    expect(shown.out).toContain(String.raw`evil \x1b]0;title\x07 text \x9b31m`);
    for (const sequence of ["\u001b]", "\u0007", "\u009b", "\u001b[31m"]) expect(shown.out).not.toContain(sequence);
    expect((await cli.run(["list"], { answers: [], env: { NO_COLOR: "1" } })).out).not.toContain("\u001b");
    expect((await cli.run(["list"])).out).not.toContain("\u001b");
  });

  test("spaces are apart; entities, sessions and counts are shown", async () => {
    await using cli = await setUpCli();
    expect((await cli.run(["spaces", "create", "work", "--description", "at work"])).code).toBe(0);
    expect((await cli.run(["spaces", "create", "Work"])).code).toBe(4);
    await cli.run(["remember", "Grace works at Initech", "--space", "work"]);
    expect((await cli.run(["list", "--json"])).json.memories).toEqual([]);
    expect(await cli.run(["list", "--space", "nowhere"])).toMatchObject({
      code: 3,
      err: expect.stringContaining("cairn spaces"),
    });
    expect((await cli.run(["entities", "--space", "work"])).out).toContain("Grace");
    expect((await cli.run(["entities", "--related", "nobody", "--space", "work"])).code).toBe(3);
    expect((await cli.run(["entities", "--memories", "Grace", "--space", "work"])).out).toContain("Initech");
    expect((await cli.run(["stats", "--space", "work", "--json"])).json).toMatchObject({
      total_memories: 1,
      by_instance: { "test-instance": 1 },
    });
    expect((await cli.run(["spaces", "rename", "work", "office"])).code).toBe(0);
    expect((await cli.run(["spaces", "--json"])).json.spaces.map((one: { name: string }) => one.name)).toContain(
      "office",
    );
    expect((await cli.run(["spaces", "remove", "office"])).code).toBe(6);
    expect((await cli.run(["spaces", "remove", "office", "--yes"])).code).toBe(0);
    expect((await cli.run(["spaces", "remove", "default", "--yes"])).code).toBe(6);
  });
});
