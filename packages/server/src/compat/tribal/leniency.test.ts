/** What TribalMemory's clients may send and how they are told what is wrong, through real HTTP. */
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { serving } from "../../test-support.ts";

const setup = async () => {
  const server = await serving(setUpOperations().pipeline);
  const post = async (path: string, body: unknown) => (await server.send("POST", path, body)).json;
  return { ...server, post, [Symbol.asyncDispose]: server.close };
};

describe("leniency", () => {
  test("API-1: an empty text as date is none", async () => {
    await using server = await setup();
    await server.post("/v1/remember", { content: "Joe likes Python" });
    const body = { query: "Joe likes Python", min_relevance: 0, after: "", before: " " };
    expect((await server.post("/v1/recall", body)).results).toHaveLength(1);
    expect(await server.post("/v1/export", { date_from: "", date_to: "" })).toMatchObject({ memory_count: 1 });
  });

  test.each([
    [1_704_067_200, "2024-01-01T00:00:00"],
    [1_704_067_200.5, "2024-01-01T00:00:00.5"],
    [1_704_067_200_000, "2024-01-01T00:00:00"],
    ["2024-01-01", "2024-01-01T00:00:00"],
  ])("API-1: the time %j of a message is read", async (timestamp, expected) => {
    await using server = await setup();
    await server.post("/v1/sessions/ingest", {
      session_id: "s",
      messages: [{ role: "user", content: "x", timestamp }],
    });
    const { json } = await server.send("GET", "/v1/sessions/search?query=x&session_id=&min_relevance=-1");
    expect(json.results[0].start_time).toMatch(expected);
  });

  test.each([1e300, -1e14, true, {}])("API-1: the time %j of a message is 422", async (timestamp) => {
    await using server = await setup();
    const body = { session_id: "s", messages: [{ role: "user", content: "x", timestamp }] };
    const { status, json } = await server.send("POST", "/v1/sessions/ingest", body);
    expect([status, json.detail[0].loc]).toEqual([422, ["body", "messages", 0, "timestamp"]]);
  });
});

describe("the detail of a 422", () => {
  test.each([
    [{ query: "x", limit: 0 }, "limit", "greater_than_equal"],
    [{ query: "x", limit: 51 }, "limit", "less_than_equal"],
    [{ query: "x", min_relevance: -0.1 }, "min_relevance", "greater_than_equal"],
    [{ query: null }, "query", "type_error"],
    [{}, "query", "missing"],
  ])("API-1: the detail of %j names the field and the kind as its clients know them", async (body, field, type) => {
    await using server = await setup();
    const { json } = await server.send("POST", "/v1/recall", body);
    expect(json.detail).toEqual([{ loc: ["body", field], msg: expect.any(String), type }]);
  });

  test("API-1: messages that are absent are missing", async () => {
    await using server = await setup();
    const { json } = await server.send("POST", "/v1/sessions/ingest", {});
    expect(json.detail).toEqual([
      { loc: ["body", "session_id"], msg: "Field required", type: "missing" },
      { loc: ["body", "messages"], msg: "Field required", type: "missing" },
    ]);
  });
});
