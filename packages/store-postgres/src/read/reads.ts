/**
 * Every call of a space's reader but recall, by name, as a function of a transaction that is bound to the space. A call
 * takes one round trip (`missingVectors` two where old versions lack vectors), and each of its statements names the
 * space itself as well. Calls of several statements want a transaction that shows them one state (`snapshot`).
 *
 * Plans are made once for all spaces, for one of average size, which may be tiny: to the planner reading all of it looks
 * as good as looking rows up. So that nothing is slow in a large one, lookups are written as `LATERAL` subqueries with a
 * LIMIT or OFFSET, which stay lookups whatever the statistics say; `= ANY (array)` does not.
 *
 * A space that was never written to has no rows, and so it reads as an empty one.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { SpaceReader } from "@cairn/memory/space/engine";
import type { Connection } from "../connection/pool.ts";
import { disputesOf } from "./disputes.ts";
import { entityGraph, entityMemories, searchEntities } from "./entities.ts";
import { changesAfter, versionsOf } from "./log.ts";
import { getMemory, listMemories } from "./memories.ts";
import { keptNotes } from "./notes.ts";
import { extractionsDue, messagesOf, planIngest } from "./sessions.ts";
import { statsOf } from "./stats.ts";
import { missingVectors, vectorState, vectorsOf } from "./vectors.ts";

export type ReadName = Exclude<keyof SpaceReader, "recall">;

export type Reads = {
  readonly [Name in ReadName]: (
    connection: Connection,
    space: string,
    now: Millis,
    ...args: Parameters<SpaceReader[Name]>
  ) => ReturnType<SpaceReader[Name]>;
};

export const reads: Reads = {
  get: (connection, space, now, id) => getMemory(connection, space, id, now),
  disputes: (connection, space, _now, id, at) => disputesOf(connection, space, id, at),
  list: (connection, space, now, query) => listMemories(connection, space, query, now),
  history: (connection, space, _now, id) => versionsOf(connection, space, id),
  changes: (connection, space, _now, after, limit) => changesAfter(connection, space, after, limit),
  stats: (connection, space, now) => statsOf(connection, space, now),
  entities: (connection, space, _now, search, limit) => searchEntities(connection, space, search, limit),
  entityGraph: (connection, space, _now, name, hops) => entityGraph(connection, space, name, hops),
  entityMemories: (connection, space, now, name, hops, limit) =>
    entityMemories(connection, space, name, hops, limit, now),
  vectors: (connection, space, _now, ids) => vectorsOf(connection, space, ids),
  vectorState: (connection, space) => vectorState(connection, space),
  missingVectors: (connection, space, _now, limit, model) => missingVectors(connection, space, limit, model),
  planSession: async (connection, space, _now, ingest) =>
    (await planIngest(connection, space, ingest)).chunks.map((chunk) => chunk.content),
  extractionsDue: (connection, space, _now, options) => extractionsDue(connection, space, options),
  sessionMessages: (connection, space, _now, session, from, limit) =>
    messagesOf(connection, space, session, from, limit),
  notes: (connection, space, _now, limit) => keptNotes(connection, space, limit),
};
