/** Writes one memory with all that hangs on it: row, tags, document, vectors, knowledge and change, in step. */
import { CairnError } from "@cairn/kernel/error";
import type { ChangeKind, Dot } from "@cairn/memory/change/change";
import type { Memory } from "@cairn/memory/memory/memory";
import { type Reading, readMemory } from "@cairn/memory/memory/reading";
import { type Sameness, samenessOf } from "@cairn/memory/memory/sameness";
import type { ModelVectors } from "@cairn/memory/space/engine";
import { columnList, columns, type MemoryRow, memoryOfRow, rowOfMemory, valuesOfMemory } from "../space/memory-row.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { docKind } from "../space/space-index.ts";
import { closeDocument, insertDocument, memoryEntry } from "./document.ts";
import { copyVectors, insertVectors } from "./document-vectors.ts";
import { dropKnowledge, knowledgeOf } from "./knowledge.ts";
import { overwrittenBy } from "./log.ts";
import type { WriteContext } from "./transaction.ts";

export const memoryState = { live: 0, superseded: 1, deleted: 2 } as const;
export type MemoryState = (typeof memoryState)[keyof typeof memoryState];

export interface StoredMemory {
  readonly row: number;
  readonly doc: number;
  readonly state: MemoryState;
  readonly memory: Memory;
}

type StoredRow = MemoryRow & { readonly row: number; readonly doc: number; readonly state: number };

const storedOf = (row: StoredRow | undefined, space: OpenSpace): StoredMemory | null =>
  row === undefined
    ? null
    : { row: row.row, doc: row.doc, state: row.state as MemoryState, memory: memoryOfRow(row, space.id) };

export const findById = (space: OpenSpace, id: string): StoredMemory | null =>
  storedOf(
    space.write(`SELECT row, doc, state, ${columnList} FROM memories WHERE id = ?`).get(id) as StoredRow | undefined,
    space,
  );

export const findByKey = (space: OpenSpace, key: string): StoredMemory | null =>
  storedOf(
    space.write(`SELECT row, doc, state, ${columnList} FROM memories WHERE key = ? AND state = 0`).get(key) as
      | StoredRow
      | undefined,
    space,
  );

/** The fields of a memory that the log keeps: what is not absent. */
const loggedFields = (memory: Memory): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(memory)) {
    if (name === "id" || name === "space" || name === "version" || value === null) continue;
    fields[name] = value;
  }
  return fields;
};

const writeTags = (space: OpenSpace, row: number, tags: readonly string[]): void => {
  const insert = space.write("INSERT OR IGNORE INTO memory_tags (tag, memory) VALUES (?, ?)");
  for (const tag of tags) insert.run(tag, row);
};

const dropTags = (space: OpenSpace, row: number): void => {
  space.write("DELETE FROM memory_tags WHERE memory = ?").run(row);
};

/** A session's next position: turns are stored in the order in which they arrive. */
const withPosition = (space: OpenSpace, memory: Memory): Memory => {
  if (memory.sessionId === null || memory.sessionSeq !== null) return memory;
  const last = space
    .write("SELECT max(session_seq) FROM memories WHERE session_id = ? AND state = 0")
    .pluck()
    .get(memory.sessionId);
  return { ...memory, sessionSeq: typeof last === "number" ? last + 1 : 0 };
};

interface Indexed {
  readonly doc: number;
  /** Something stored says otherwise. */
  readonly contradicted: boolean;
}

const indexMemory = (context: WriteContext, row: number, memory: Memory, seq: number, reading: Reading): Indexed => {
  const { space } = context;
  const knowledge = knowledgeOf(space, memory, reading);
  const doc = insertDocument(space, {
    kind: docKind.memory,
    owner: row,
    version: memory.version,
    seq,
    from: context.now,
    entry: memoryEntry(memory, row, { terms: reading.terms, entities: knowledge.entities }, context.names),
  });
  const contradicted = knowledge.store(row);
  writeTags(space, row, memory.tags);
  return { doc, contradicted };
};

/** The number that the next document will have: under the write lock nobody else can take it. */
const nextDocument = (space: OpenSpace): number =>
  Number(space.write("SELECT seq FROM sqlite_sequence WHERE name = 'docs'").pluck().get() ?? 0) + 1;

const insertSql = `INSERT INTO memories (state, doc, identity, near, ${columnList}) VALUES (0, ?, ?, ?, ${columns.map(() => "?").join(", ")})`;

const insertRow = (space: OpenSpace, memory: Memory, doc: number, { identity, near }: Sameness): number =>
  Number(
    // By position: binding by name costs a third of the whole insertion.
    space.write(insertSql).run(doc, identity, near, ...valuesOfMemory(memory)).lastInsertRowid,
  );

/** Stores a new memory; `given` is as the writer sent it, before positions were assigned. */
export const insertMemory = (
  context: WriteContext,
  given: Memory,
  vectors: ModelVectors,
  reading: Reading,
): { readonly stored: StoredMemory; readonly contradicted: boolean } => {
  const { space } = context;
  const memory = withPosition(space, given);
  const seq = context.log.append({
    kind: "create",
    subject: memory.id,
    version: memory.version,
    fields: loggedFields(memory),
    overwrites: null,
  });
  const expected = nextDocument(space);
  const row = insertRow(space, memory, expected, reading.sameness);
  const { doc, contradicted } = indexMemory(context, row, memory, seq, reading);
  if (doc !== expected) throw new CairnError("internal", "The index gave a document another number than announced.");
  insertVectors(space, doc, docKind.memory, vectors);
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
  const overwrites: Record<string, readonly Dot[]> = overwrittenBy(context.space, after.id, Object.keys(fields));
  return context.log.append({ kind, subject: after.id, version: after.version, fields, overwrites });
};

/**
 * Whether the memory still has the position in its session that arrival gave it. It then counts as said without one,
 * as when it was stored, so that the same turn sent again is known again.
 */
const arrivedUnplaced = (space: OpenSpace, { row, memory }: StoredMemory, after: Memory): boolean => {
  if (after.sessionSeq === null || after.sessionSeq !== memory.sessionSeq) return false;
  const identity = space.write("SELECT identity FROM memories WHERE row = ?").pluck().get(row) as Uint8Array;
  return Buffer.from(identity).equals(samenessOf({ ...memory, sessionSeq: null }).identity);
};

const assignments = columns
  .filter((name) => name !== "id")
  .map((name) => `${name} = :${name}`)
  .join(", ");

/** Vectors made for a text, or the number of the document that has them already. */
export type VectorSource = ModelVectors | number;

/** Replaces a memory by its next version. The old version stays readable for questions about the past. */
export const replaceMemory = (
  context: WriteContext,
  stored: StoredMemory,
  after: Memory,
  kind: ChangeKind,
  vectors: VectorSource,
): StoredMemory => {
  const { space, now } = context;
  const memory = withPosition(space, after);
  const seq = appendVersion(context, kind, stored.memory, memory);
  if (stored.state === memoryState.live) closeDocument(space, stored.doc, seq, now);
  dropKnowledge(space, stored.row);
  dropTags(space, stored.row);
  const reading = readMemory(arrivedUnplaced(space, stored, memory) ? { ...memory, sessionSeq: null } : memory);
  space
    .write(`UPDATE memories SET state = 0, identity = :identity, near = :near, ${assignments} WHERE row = :row`)
    .run({ ...rowOfMemory(memory), row: stored.row, ...reading.sameness });
  const { doc } = indexMemory(context, stored.row, memory, seq, reading);
  if (typeof vectors === "number") copyVectors(space, vectors, doc, docKind.memory);
  else insertVectors(space, doc, docKind.memory, vectors);
  space.write("UPDATE memories SET doc = ? WHERE row = ?").run(doc, stored.row);
  return { row: stored.row, doc, state: memoryState.live, memory };
};

/** Takes a memory out of everything current: superseded or deleted. Its history stays. */
export const retireMemory = (
  context: WriteContext,
  stored: StoredMemory,
  after: Memory,
  kind: "supersede" | "delete",
): void => {
  const { space, now } = context;
  const seq = appendVersion(context, kind, stored.memory, after);
  // What was superseded ended then, and forgetting it now does not make it end later.
  if (stored.state === memoryState.live) closeDocument(space, stored.doc, seq, now);
  dropKnowledge(space, stored.row);
  dropTags(space, stored.row);
  space.write(`UPDATE memories SET state = :state, ${assignments} WHERE row = :row`).run({
    ...rowOfMemory(after),
    row: stored.row,
    state: kind === "delete" ? memoryState.deleted : memoryState.superseded,
  });
};
