/** Writes one memory with all that hangs on it: row, tags, document, vectors, knowledge and change, in step. */
import type { ChangeKind, Dot } from "../change/change.ts";
import type { Memory } from "../memory/memory.ts";
import { type Reading, readMemory } from "../memory/reading.ts";
import { samenessOf } from "../memory/sameness.ts";
import type { ModelVectors } from "../space/engine.ts";
import type { WriteContext } from "./context.ts";
import { checkAnnounced, closeDocument, memoryEntry } from "./document.ts";
import { copyVectors, insertVectors } from "./document-vectors.ts";
import { dropKnowledge, knowledgeOf } from "./knowledge.ts";
import { overwrittenBy } from "./log.ts";
import { docKind, memoryState, type StoredMemory, type WriteStore } from "./write-store.ts";

/** The fields of a memory that the log keeps: what is not absent. */
const loggedFields = (memory: Memory): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(memory)) {
    if (name === "id" || name === "space" || name === "version" || value === null) continue;
    fields[name] = value;
  }
  return fields;
};

/** A session's next position: turns are stored in the order in which they arrive. */
const withPosition = (store: WriteStore, memory: Memory): Memory => {
  if (memory.sessionId === null || memory.sessionSeq !== null) return memory;
  const last = store.lastPosition(memory.sessionId);
  return { ...memory, sessionSeq: last === null ? 0 : last + 1 };
};

interface Indexed {
  readonly doc: number;
  /** Something stored says otherwise. */
  readonly contradicted: boolean;
}

const indexMemory = (context: WriteContext, row: number, memory: Memory, seq: number, reading: Reading): Indexed => {
  const { store } = context;
  const knowledge = knowledgeOf(store, memory, reading);
  const doc = store.insertDocument({
    kind: docKind.memory,
    owner: row,
    version: memory.version,
    seq,
    from: context.now,
    entry: memoryEntry(memory, row, { terms: reading.terms, entities: knowledge.entities }, store),
  });
  const contradicted = knowledge.write(row);
  store.setTags(row, memory.tags);
  return { doc, contradicted };
};

/** Stores a new memory; `given` is as the writer sent it, before positions were assigned. */
export const insertMemory = (
  context: WriteContext,
  given: Memory,
  vectors: ModelVectors,
  reading: Reading,
): { readonly stored: StoredMemory; readonly contradicted: boolean } => {
  const { store } = context;
  const memory = withPosition(store, given);
  const seq = context.log.append({
    kind: "create",
    subject: memory.id,
    version: memory.version,
    fields: loggedFields(memory),
    overwrites: null,
  });
  const expected = store.nextDocument();
  const row = store.insertMemory(memory, expected, reading.sameness);
  const { doc, contradicted } = indexMemory(context, row, memory, seq, reading);
  checkAnnounced(doc, expected);
  insertVectors(context, doc, docKind.memory, vectors);
  return { stored: { row, doc, state: memoryState.live, memory }, contradicted };
};

const changedFields = (before: Memory, after: Memory): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(after) as (keyof Memory)[]) {
    if (name === "version" || JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    fields[name] = after[name];
  }
  return fields;
};

export const appendVersion = (context: WriteContext, kind: ChangeKind, before: Memory, after: Memory): number => {
  const fields = changedFields(before, after);
  const overwrites: Record<string, readonly Dot[]> = overwrittenBy(context.store, after.id, Object.keys(fields));
  return context.log.append({ kind, subject: after.id, version: after.version, fields, overwrites });
};

/**
 * Whether the memory still has the position in its session that arrival gave it. It then counts as said without one,
 * as when it was stored, so that the same turn sent again is known again.
 */
const arrivedUnplaced = (store: WriteStore, { row, memory }: StoredMemory, after: Memory): boolean => {
  if (after.sessionSeq === null || after.sessionSeq !== memory.sessionSeq) return false;
  return Buffer.from(store.identityOf(row)).equals(samenessOf({ ...memory, sessionSeq: null }).identity);
};

/** Vectors made for a text, or the number of the document that has them already. */
export type VectorsOf = ModelVectors | number;

/** Replaces a memory by its next version. The old version stays readable for questions about the past. */
export const replaceMemory = (
  context: WriteContext,
  stored: StoredMemory,
  after: Memory,
  kind: ChangeKind,
  vectors: VectorsOf,
): StoredMemory => {
  const { store, now } = context;
  const memory = withPosition(store, after);
  const seq = appendVersion(context, kind, stored.memory, memory);
  if (stored.state === memoryState.live) closeDocument(store, stored.doc, seq, now);
  dropKnowledge(store, stored.row);
  const reading = readMemory(arrivedUnplaced(store, stored, memory) ? { ...memory, sessionSeq: null } : memory);
  store.updateMemory(stored.row, memoryState.live, memory, reading.sameness);
  const { doc } = indexMemory(context, stored.row, memory, seq, reading);
  if (typeof vectors === "number") copyVectors(context, vectors, doc, docKind.memory);
  else insertVectors(context, doc, docKind.memory, vectors);
  store.setDocument(stored.row, doc);
  return { row: stored.row, doc, state: memoryState.live, memory };
};

/** Takes a memory out of everything current: superseded or deleted. Its history stays. */
export const retireMemory = (
  context: WriteContext,
  stored: StoredMemory,
  after: Memory,
  kind: "supersede" | "delete",
): void => {
  const { store, now } = context;
  const seq = appendVersion(context, kind, stored.memory, after);
  // What was superseded ended then, and forgetting it now does not make it end later.
  if (stored.state === memoryState.live) closeDocument(store, stored.doc, seq, now);
  dropKnowledge(store, stored.row);
  store.setTags(stored.row, []);
  store.updateMemory(stored.row, kind === "delete" ? memoryState.deleted : memoryState.superseded, after);
};
