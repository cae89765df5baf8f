import { defaultSpaceId } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import type { RecallQuery } from "@cairn/memory/recall/query";
import type { PairScorer } from "@cairn/memory/recall/reranker";
import type { Engine } from "@cairn/memory/space/engine";
import { makeFakeEngine } from "@cairn/testing/fake-engine";
import { setUpOperations, type OperationsSetup } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { remember } from "../memories/remember.ts";
import { ingestSession } from "../sessions/ingest.ts";
import { createSpace } from "../spaces/create.ts";
import { updateSpace } from "../spaces/update.ts";
import { recall } from "./recall.ts";

const contents = (answer: Awaited<ReturnType<OperationsSetup["call"]>>): readonly string[] =>
  (
    answer as {
      readonly results: readonly { readonly content?: string; readonly memory?: { readonly content: string } }[];
    }
  ).results.map((result) => result.memory?.content ?? result.content ?? "");

/** An engine that keeps the queries it gets. */
const spied = () => {
  const engine = makeFakeEngine();
  const queries: RecallQuery[] = [];
  const spying: Engine = {
    ...engine,
    read: (space) => {
      const reader = engine.read(space);
      return {
        ...reader,
        recall: (query) => {
          queries.push(query);
          return reader.recall(query);
        },
      };
    },
  };
  return { engine: spying, queries };
};

describe("recall", () => {
  test("REC-1 gives the most relevant first, with the contract's names and ours", async () => {
    const { call, services } = setUpOperations();
    await call(remember, { content: "The cat sleeps." });
    await call(remember, { content: "The cat sleeps on the red sofa." });
    const answer = await call(recall, { query: "cat red sofa" });
    expect(contents(answer)).toEqual(["The cat sleeps on the red sofa.", "The cat sleeps."]);
    expect(answer).toMatchObject({
      query: "cat red sofa",
      partial: false,
      embedder: "fake-16@1",
      error: null,
      tokens: 8 + 4,
    });
    const { id: space } = (await services.directory.resolve("default"))!;
    expect(answer.results[0]).toMatchObject({ type: "memory", space, neighbours: [], conflicts: [], stale: false });
  });

  test("hands the engine every filter, the caller's clock and the rest of the question", async () => {
    const { engine, queries } = spied();
    const { call } = setUpOperations({ engine });
    await call(recall, {
      query: "what",
      limit: 7,
      minRelevance: 0.1,
      tags: ["a"],
      tagsMode: "all",
      key: "k",
      category: "fact",
      entity: "e",
      sessionId: "s",
      sourceInstance: "i",
      author: "b",
      minTrust: "agent",
      after: "yesterday",
      before: "2026-06",
      asOf: "2026-02-01T00:00:00Z",
      now: "2026-05-05T23:30:00Z",
      timeZone: "Europe/Berlin",
      include: "all",
      context: 2,
      explain: true,
    });
    expect(queries).toHaveLength(1);
    expect(queries[0]).toMatchObject({
      query: "what",
      // Twice as many of memories and transcripts together, since some may repeat each other.
      limit: 14,
      minRelevance: 0.1,
      tags: ["a"],
      tagsMode: "all",
      key: "k",
      category: "fact",
      entity: "e",
      sessionId: "s",
      sourceInstance: "i",
      author: "b",
      minTrust: "agent",
      after: Date.parse("2026-05-04T22:00:00Z"),
      before: Date.parse("2026-06-30T22:00:00Z"),
      asOf: Date.parse("2026-02-01T00:00:00Z"),
      now: Date.parse("2026-05-05T23:30:00Z"),
      timeZone: "Europe/Berlin",
      include: "all",
      context: 2,
      explain: true,
    });
  });

  test("has the contract's defaults", async () => {
    const { engine, queries } = spied();
    const { call } = setUpOperations({ engine });
    await call(recall, { query: "what", tags: ["a"] });
    expect(queries[0]).toMatchObject({
      limit: 5,
      minRelevance: 0.3,
      tagsMode: "any",
      include: "memories",
      context: 0,
      now: Date.parse("2026-03-14T12:00:00Z"),
    });
    expect(queries[0]).not.toHaveProperty("deadlineAt");
  });

  test("REC-7 merges several spaces by relevance, and each result names its space", async () => {
    const { call } = setUpOperations();
    const { id } = await call(createSpace, { name: "other" });
    await call(remember, { content: "red cat" });
    await call(remember, { content: "red cat sofa", space: "other" });
    await call(remember, { content: "cat", space: "other" });
    const answer = await call(recall, {
      query: "red cat sofa",
      spaces: ["default", "OTHER", id],
      minRelevance: 0,
      limit: 2,
    });
    expect(contents(answer)).toEqual(["red cat sofa", "red cat"]);
    expect(answer.results[0]?.space).toBe(id);
    await expect(call(recall, { query: "x", spaces: ["default", "secret"] })).rejects.toMatchObject({
      code: "space.not_found",
    });
  });

  test("REC-6 keeps a token budget, neighbours included, and says that it cut", async () => {
    const { call } = setUpOperations();
    for (const seq of [1, 2, 3]) {
      await call(remember, { content: `cat ${"x".repeat(36)} ${seq}`, sessionId: "s", sessionSeq: seq });
    }
    const whole = await call(recall, { query: "cat", context: 1, minRelevance: 0 });
    expect(whole).toMatchObject({ partial: false });
    const cut = await call(recall, { query: "cat", context: 1, minRelevance: 0, budgetTokens: 25 });
    expect(cut.partial).toBe(true);
    expect(cut.tokens).toBeLessThanOrEqual(25);
    expect(cut.results).toHaveLength(1);
  });

  test("REC-6 hands the deadline on, and goes on with words when the embedder is late", async () => {
    const { engine, queries } = spied();
    const { call, services } = setUpOperations({ engine });
    await call(remember, { content: "late cat" });
    const slow = { ...services.embedder, embedQuery: () => new Promise<Float32Array>(() => undefined) };
    const late = setUpOperations({ engine, directory: services.directory, embedder: slow });
    const before = Date.now();
    const answer = await late.call(recall, { query: "late cat", deadlineMs: 40 });
    expect(answer).toMatchObject({ partial: true, embedder: null });
    expect(contents(answer)).toEqual(["late cat"]);
    expect(queries.at(-1)?.deadlineAt).toBeGreaterThan(before);
    expect(queries.at(-1)?.deadlineAt).toBeLessThan(before + 1_000);
  });

  test("EMB-1 finds by words while nothing can be embedded", async () => {
    const { call, embedder } = setUpOperations();
    await call(remember, { content: "word for word" });
    embedder.setAvailable(false);
    const answer = await call(recall, { query: "word for word" });
    expect(answer).toMatchObject({ partial: false, embedder: null });
    expect(contents(answer)).toEqual(["word for word"]);
  });

  test("MEM-9 looks in sessions too when asked", async () => {
    const { call } = setUpOperations();
    await call(ingestSession, {
      sessionId: "s",
      messages: [{ role: "user", content: "deploy on friday", timestamp: "2026-03-01T10:00:00Z" }],
    });
    await call(remember, { content: "deploy" });
    expect(contents(await call(recall, { query: "deploy on friday" }))).toEqual(["deploy"]);
    const { results } = await call(recall, { query: "deploy on friday", include: "sessions" });
    expect(results).toMatchObject([
      {
        type: "session",
        sessionId: "s",
        content: "deploy on friday",
        startTime: "2026-03-01T10:00:00.000Z",
        similarityScore: 1,
      },
    ]);
    expect((await call(recall, { query: "deploy on friday", include: "all" })).results).toHaveLength(2);
  });

  const good = { query: "q" };
  test.each<readonly [what: string, input: unknown, message: string]>([
    ["no query", {}, "query"],
    ["a blank query", { query: "  " }, "query must not be blank"],
    ["a long query", { query: "x".repeat(10_001) }, "this has 10001"],
    ["a lone surrogate", { query: "\ud83d" }, "well-formed"],
    ["limit 0", { ...good, limit: 0 }, "limit must be a whole number from 1"],
    ["more than this caller's limit", { ...good, limit: 51 }, "limit must be a whole number from 1 to 50"],
    ["a limit as text", { ...good, limit: "5" }, "limit must be a whole number"],
    ["a relevance over 1", { ...good, minRelevance: 1.5 }, "min_relevance must be a number from 0 to 1"],
    ["space and spaces", { ...good, space: "a", spaces: ["b"] }, "exclude each other"],
    ["no spaces", { ...good, spaces: [] }, "spaces must be 1 to 20"],
    ["an unknown include", { ...good, include: "everything" }, "include must be memories, sessions or all"],
    ["too many neighbours", { ...good, context: 11 }, "context must be a whole number from 0 to 10"],
    ["an empty budget", { ...good, budgetTokens: 0 }, "budget_tokens must be a whole number from 1"],
    ["a deadline of an hour", { ...good, deadlineMs: 3_600_000 }, "deadline_ms must be a whole number from 1 to 60000"],
    ["an unknown reranker", { ...good, rerank: "magic" }, "rerank must be none, heuristic or cross-encoder"],
    ["a time that is none", { ...good, after: "blue" }, "after must be an RFC 3339 time"],
    ["an unknown zone", { ...good, timeZone: "Nowhere/Land" }, "time zone"],
    ["a now that is no time", { ...good, now: "now" }, "now must be an RFC 3339 time"],
  ])("API-3 refuses %s", async (_what, input, message) => {
    const { call } = setUpOperations();
    const answer = call(recall, input);
    await expect(answer).rejects.toBeInstanceOf(CairnError);
    await expect(answer).rejects.toMatchObject({ code: "request.invalid" });
    await expect(answer).rejects.toThrow(message);
  });

  test("REC-4 orders again as the call says, and tells what was applied", async () => {
    const { engine, queries } = spied();
    const pairScorer: PairScorer = {
      id: "pairs",
      score: async (_question, texts) => Float32Array.from(texts, (text) => (text.includes("three") ? 1 : 0)),
      close: async () => undefined,
    };
    const { call, services } = setUpOperations({ engine, pairScorer });
    for (const content of ["cat one sofa red", "cat two sofa", "cat three"]) await call(remember, { content });
    const ask = (more: object) => call(recall, { query: "red sofa cat", limit: 2, minRelevance: 0, ...more });
    const plain = await ask({});
    expect([plain.rerank, queries.at(-1)?.limit, queries.at(-1)?.context]).toEqual(["none", 2, 0]);
    expect(contents(plain)).toEqual(["cat one sofa red", "cat two sofa"]);
    const pairs = await ask({ rerank: "cross-encoder" });
    expect([pairs.rerank, queries.at(-1)?.limit]).toEqual(["cross-encoder", 30]);
    expect(contents(pairs)).toEqual(["cat three", "cat one sofa red"]);
    const rules = await ask({ rerank: "heuristic" });
    expect([rules.rerank, contents(rules)]).toEqual(["heuristic", contents(plain)]);
    const space = (await services.directory.resolve("default"))!.id;
    await call(updateSpace, { space, rerank: "cross-encoder" });
    expect(contents(await ask({}))).toEqual(contents(pairs));
    expect((await ask({ rerank: "none" })).results).toEqual(
      plain.results.map((one) => ({ ...one, retrievalTimeMs: expect.any(Number) as number })),
    );
  });

  test("REC-4 refuses a cross-encoder that is not configured, and as a setting goes on without", async () => {
    const { call, services } = setUpOperations();
    await call(remember, { content: "red cat" });
    await expect(call(recall, { query: "cat", rerank: "cross-encoder" })).rejects.toMatchObject({
      code: "reranker.unavailable",
    });
    await services.directory.update(defaultSpaceId, { rerank: "cross-encoder" });
    expect(await call(recall, { query: "red cat" })).toMatchObject({ rerank: "none", results: [{}] });
  });

  test("REC-4 the heuristic sees the turn before a result and shows neighbours only on request", async () => {
    const { call } = setUpOperations();
    const turns = [
      ["Bo", "Which instrument does Ann play?"],
      ["Ann", "Oboe, since school."],
      ["Bo", "Since school I play the lute."],
    ] as const;
    for (const [at, [author, content]] of turns.entries())
      await call(remember, { content, author, sessionId: "s", sessionSeq: at });
    const ask = (more: object) =>
      call(recall, { query: "since when oboe instrument school", minRelevance: 0, ...more });
    const hidden = await ask({ rerank: "heuristic", explain: true });
    for (const result of hidden.results) expect(result).toMatchObject({ neighbours: [] });
    expect((await ask({ rerank: "heuristic", context: 1 })).results[0]?.neighbours).not.toEqual([]);
  });

  test("REC-4 REC-7 spaces are merged first and ordered again once", async () => {
    const asked: number[] = [];
    const pairScorer: PairScorer = {
      id: "pairs",
      score: async (_question, texts) => {
        asked.push(texts.length);
        return Float32Array.from(texts, (text) => (text.includes("best") ? 1 : 0));
      },
      close: async () => undefined,
    };
    const { call } = setUpOperations({ pairScorer });
    await call(createSpace, { name: "other" });
    await call(remember, { content: "cat sofa" });
    await call(remember, { content: "cat best", space: "other" });
    const answer = await call(recall, {
      query: "cat sofa",
      spaces: ["default", "other"],
      minRelevance: 0.1,
      rerank: "cross-encoder",
    });
    expect(contents(answer)).toEqual(["cat best", "cat sofa"]);
    expect(asked).toEqual([2]);
  });

  test("REC-4 what min_relevance left out stays out", async () => {
    const pairScorer: PairScorer = {
      id: "pairs",
      score: async (_question, texts) => new Float32Array(texts.length).fill(1),
      close: async () => undefined,
    };
    const { call } = setUpOperations({ pairScorer });
    await call(remember, { content: "red cat sofa" });
    await call(remember, { content: "cat and nothing else of it" });
    const ask = { query: "red cat sofa", minRelevance: 0.7, rerank: "cross-encoder" };
    expect(contents(await call(recall, ask))).toEqual(["red cat sofa"]);
  });

  test("MEM-9 ranks memories and transcripts together, says what repeats, and gives neighbours of both", async () => {
    const { call, embedder } = setUpOperations();
    const said = (content: string, minute: number) => ({
      role: "user",
      content,
      timestamp: `2026-03-01T10:0${minute}:00Z`,
    });
    await call(ingestSession, {
      sessionId: "s",
      messages: [said("good morning", 0), said("red cat sofa", 1), said("it sleeps", 2), said("red cat", 3)],
    });
    await call(remember, { content: "red cat sofa" });
    await call(remember, { content: "sofa" });
    embedder.setAvailable(false);
    const answer = await call(recall, {
      query: "red cat sofa",
      include: "all",
      minRelevance: 0.3,
      context: 1,
      limit: 3,
    });
    expect(contents(answer)).toEqual(["red cat sofa", "red cat", "sofa"]);
    expect(answer.results.map(({ type }) => type)).toEqual(["memory", "session", "memory"]);
    expect(answer.results[1]).toMatchObject({ repeats: [], neighbours: [{ content: "it sleeps", chunkIndex: 2 }] });
    const scores = answer.results.map(({ similarityScore }) => similarityScore);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const sessions = await call(recall, { query: "red cat sofa", include: "sessions", context: 1, limit: 1 });
    expect(sessions.results[0]).toMatchObject({
      content: "red cat sofa",
      neighbours: [{ content: "good morning" }, { content: "it sleeps" }],
    });
    const tight = await call(recall, {
      query: "red cat sofa",
      include: "sessions",
      context: 1,
      limit: 1,
      budgetTokens: 4,
    });
    expect(tight).toMatchObject({ partial: true, tokens: 3, results: [{ content: "red cat sofa", neighbours: [] }] });
  });

  test("takes `rerank: none` and null for every field that may be absent", async () => {
    const { call } = setUpOperations();
    const nulls = Object.fromEntries(
      [
        "limit",
        "tags",
        "tagsMode",
        "after",
        "before",
        "asOf",
        "space",
        "spaces",
        "include",
        "context",
        "budgetTokens",
        "deadlineMs",
        "explain",
        "rerank",
        "now",
        "timeZone",
      ].map((name) => [name, null]),
    );
    for (const more of [{}, { rerank: "none" }])
      expect(await call(recall, { ...good, ...nulls, ...more })).toMatchObject({
        results: [],
        tokens: 0,
        rerank: "none",
      });
  });
});
