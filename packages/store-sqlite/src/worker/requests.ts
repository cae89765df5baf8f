/**
 * Every call that crosses to a storage thread, by name: reads run on one snapshot, writes as steps. This table is the
 * whole protocol; the engine's handles and the dispatcher are typed by it.
 */
import type { Clock } from "@cairn/kernel/clock";
import type { Actor, SpaceReader, SpaceWriter } from "@cairn/memory/space/engine";
import type { Steps } from "@cairn/memory/write/context";
import { entityGraph, entityMemories, searchEntities } from "../read/entities.ts";
import { extractionsDue } from "../read/extraction.ts";
import { versionsOf } from "../read/history.ts";
import { changesAfter, getMemory, listMemories, vectorsOf } from "../read/memories.ts";
import { keptNotes } from "../read/notes.ts";
import { disputesOf, recall } from "../read/recall.ts";
import { messagesOf, planIngest } from "../read/sessions.ts";
import { statsOf } from "../read/stats.ts";
import { missingVectors, vectorState } from "../read/vectors.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { prepareModel, switchModel } from "../write/change-model.ts";
import { dropNotes } from "../write/notes.ts";
import { remember } from "../write/remember.ts";
import { correct, forget, release, restore, update } from "../write/revise.ts";
import { ingestSession, noteExtraction } from "../write/sessions.ts";
import { sweep } from "../write/sweep.ts";
import { setVectors } from "../write/vectors.ts";

type Answer<Method> = Method extends (...args: never) => Promise<infer Value> ? Value : never;
type Reads = {
  readonly [Name in keyof SpaceReader]: (
    space: OpenSpace,
    now: number,
    ...args: Parameters<SpaceReader[Name]>
  ) => Answer<SpaceReader[Name]>;
};
type Writes = {
  readonly [Name in keyof SpaceWriter]: (
    space: OpenSpace,
    actor: Actor,
    clock: Clock,
    ...args: Parameters<SpaceWriter[Name]>
  ) => Steps<Answer<SpaceWriter[Name]>>;
};

export const reads: Reads = {
  recall: (space, _now, query) => recall(space, query),
  get: (space, now, id) => getMemory(space, id, now),
  disputes: (space, _now, id, at) => disputesOf(space, id, at),
  list: (space, now, query) => listMemories(space, query, now),
  history: (space, _now, id) => versionsOf(space.read, space.id, id),
  changes: (space, _now, after, limit) => changesAfter(space, after, limit),
  stats: (space, now) => statsOf(space, now),
  entities: (space, _now, search, limit) => searchEntities(space, search, limit),
  entityGraph: (space, _now, name, hops) => entityGraph(space, name, hops),
  entityMemories: (space, now, name, hops, limit) => entityMemories(space, name, hops, limit, now),
  vectors: (space, _now, ids) => vectorsOf(space, ids),
  vectorState: (space) => vectorState(space),
  missingVectors: (space, _now, limit, model) => missingVectors(space, limit, model),
  planSession: (space, _now, ingest) => planIngest(space.read, ingest).chunks.map((chunk) => chunk.content),
  extractionsDue: (space, _now, options) => extractionsDue(space, options),
  sessionMessages: (space, _now, session, from, limit) => messagesOf(space.read, session, from, limit),
  notes: (space, _now, limit) => keptNotes(space, limit),
};

export const writes: Writes = {
  remember,
  update,
  correct,
  forget,
  restore,
  release,
  ingestSession,
  noteExtraction,
  setVectors,
  prepareModel,
  switchModel,
  sweep,
  dropNotes: (space, _actor, _clock, ids) => dropNotes(space, ids),
};

/** Reads that need no index, so that asking them does not load one. */
export const indexless: ReadonlySet<string> = new Set(["vectorState", "missingVectors", "extractionsDue", "notes"]);

/** Writes after which a set of vectors may lie idle. */
export const leavesRemains: ReadonlySet<string> = new Set(["prepareModel", "switchModel"]);

export type ReadName = keyof Reads;
export type WriteName = keyof Writes;
export const isRead = (name: string): name is ReadName => Object.hasOwn(reads, name);
export const isWrite = (name: string): name is WriteName => Object.hasOwn(writes, name);
