/** TribalMemory's calls on session transcripts. */
import { ingestSession } from "@cairn/operations/operations/sessions/ingest";
import { searchSessions } from "@cairn/operations/operations/sessions/search";
import { fromWire } from "@cairn/operations/wire";
import { bind, plainInput } from "../../rest/binding.ts";
import { tribalStyle } from "./errors.ts";
import { withoutBlank, withTimestamps } from "./leniency.ts";

const section = "tribal";

/** Its store moved numbers into range instead of refusing them; what is no number is still refused. */
const clamped = (value: unknown, min: number, max: number): unknown =>
  typeof value === "number" ? Math.min(max, Math.max(min, value)) : value;

export const tribalSessions = [
  bind("POST /v1/sessions/ingest", ingestSession, {
    section,
    input: (parts) => plainInput({ ...parts, body: withTimestamps(parts.body) }),
    errors: tribalStyle({
      failed: (failure) => ({ success: false, chunks_created: 0, messages_processed: 0, ...failure }),
    }),
    example: {
      session_id: "session-42",
      messages: [{ role: "user", content: "How do I restart the build?", timestamp: "2026-01-05T10:00:00Z" }],
    },
  }),
  bind("GET /v1/sessions/search", searchSessions, {
    section,
    input: ({ query }) =>
      fromWire({
        ...withoutBlank(query, ["session_id"]),
        limit: clamped(query["limit"], 1, 50),
        offset: clamped(query["offset"], 0, 10_000),
        min_relevance: clamped(query["min_relevance"], -1, 1),
      }),
    errors: tribalStyle({
      source: "query",
      failed: (failure, { parts }) => ({
        results: [],
        query: typeof parts.query["query"] === "string" ? parts.query["query"] : "",
        total_count: 0,
        offset: 0,
        limit: 5,
        has_more: false,
        ...failure,
      }),
    }),
  }),
] as const;
