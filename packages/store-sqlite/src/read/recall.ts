/** Recall over one space: the index scores everything, the file gives back the rows of the best. */
import { visitNames } from "@cairn/memory/recall/entry";
import type { MemoryHit, RecallAnswer, RecallHit, RecallQuery, SessionHit } from "@cairn/memory/recall/query";
import { type AnswerPart, maySee, prepareQuestion, type Question, type Scored } from "@cairn/memory/recall/question";
import type { SearchIndex } from "@cairn/memory/recall/search-index";
import type { Disputes } from "@cairn/memory/space/engine";
import type { Memory } from "@cairn/memory/memory/memory";
import { isOutside } from "@cairn/memory/memory/validity";
import { columnList, type MemoryRow, memoryOfRow } from "../space/memory-row.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc } from "../space/space-index.ts";
import { versionsOf } from "./history.ts";
import { chunkByRow } from "./sessions.ts";

const memoryByRow = (space: OpenSpace, row: number): Memory | null => {
  const found = space.read(`SELECT ${columnList} FROM memories WHERE row = ?`).get(row) as MemoryRow | undefined;
  return found === undefined ? null : memoryOfRow(found, space.id);
};

/** The memory as one of its documents shows it: the current row, or the version that the document stands for. */
const memoryOfDoc = (space: OpenSpace, owner: number, doc: number, asOf: number | undefined): Memory | null => {
  const current = memoryByRow(space, owner);
  if (current === null || asOf === undefined) return current;
  const version = space.read("SELECT version FROM docs WHERE n = ?").pluck().get(doc);
  if (version === current.version) return current;
  return versionsOf(space.read, space.id, current.id).find((one) => one.version === version)?.memory ?? current;
};

/** What was found suspect later is not shown as it was before either. */
const isHeldBack = (space: OpenSpace, query: RecallQuery, row: number): boolean =>
  query.includeQuarantined !== true &&
  space.read("SELECT quarantine IS NOT NULL FROM memories WHERE row = ?").pluck().get(row) === 1;

/** What is held back speaks against nothing until it is released. */
const standing =
  "FROM conflicts c JOIN memories m ON m.row = c.other WHERE c.memory = ? AND m.state = 0 AND m.quarantine IS NULL AND (m.expires_at IS NULL OR m.expires_at > ?)";

const conflictIds = (space: OpenSpace, row: number, now: number): readonly string[] =>
  space.read(`SELECT m.id ${standing} ORDER BY m.row LIMIT 32`).pluck().all(row, now) as string[];

const contradictedByNewer = (space: OpenSpace, row: number, now: number): boolean =>
  space.read(`SELECT 1 ${standing} AND c.other > c.memory LIMIT 1`).get(row, now) !== undefined;

const neighboursOf = (space: OpenSpace, query: RecallQuery, doc: number): readonly Memory[] =>
  space.index.memories.around(doc, query.context ?? 0).flatMap((row) => {
    const memory = memoryByRow(space, row);
    return memory !== null && maySee(query, memory) ? [memory] : [];
  });

/** What says otherwise than a memory, told with it wherever it is read. */
export const disputesOf = (space: OpenSpace, id: string, now: number): Disputes => {
  const found = space.read(`SELECT row, ${columnList} FROM memories WHERE id = ?`).get(id) as
    | (MemoryRow & { readonly row: number })
    | undefined;
  if (found === undefined) return { conflicts: [], stale: false };
  const outside = isOutside(memoryOfRow(found, space.id), now);
  return {
    conflicts: conflictIds(space, found.row, now),
    stale: outside || contradictedByNewer(space, found.row, now),
  };
};

const memoryHit = (space: OpenSpace, query: RecallQuery, question: Question, found: Scored): MemoryHit | null => {
  const { owner, doc } = found.candidate;
  const memory = memoryOfDoc(space, owner, doc, query.asOf);
  if (memory === null || (query.asOf !== undefined && isHeldBack(space, query, owner))) return null;
  return question.memoryHit(found, {
    memory,
    neighbours: (query.context ?? 0) > 0 ? neighboursOf(space, query, doc) : [],
    conflicts: conflictIds(space, owner, query.now),
    contradicted: contradictedByNewer(space, owner, query.now),
  });
};

const sessionHit = (space: OpenSpace, query: RecallQuery, question: Question, found: Scored): SessionHit | null => {
  const { owner, doc } = found.candidate;
  const chunk = chunkByRow(space.read, owner);
  if (chunk === null) return null;
  const around = (query.context ?? 0) > 0 ? space.index.chunks.around(doc, query.context ?? 0) : [];
  return question.sessionHit(
    found,
    chunk,
    around.flatMap((row) => chunkByRow(space.read, row) ?? []),
  );
};

/** Call inside a snapshot. */
export const recall = (space: OpenSpace, query: RecallQuery): RecallAnswer => {
  const entryOf = space.read("SELECT entry FROM docs WHERE n = ?").pluck();
  const vectors = space.read("SELECT f32 FROM v WHERE id >= ? AND id < ?").pluck();
  const vectorsOf = (doc: number): readonly Float32Array[] =>
    (vectors.all(doc * chunksPerDoc, (doc + 1) * chunksPerDoc) as Uint8Array[]).map(
      (bytes) => new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
    );
  const question = prepareQuestion(query, {
    own: space.index.models().own,
    engineModel: space.model,
    find: space.lexicon.find,
    entryOf: (doc) => {
      const entry = entryOf.get(doc) as Uint8Array | null | undefined;
      // Bytes that were damaged since the index read them teach nothing.
      return entry !== null && entry !== undefined && visitNames(entry, () => undefined) ? entry : null;
    },
  });
  const find = (index: SearchIndex, hitOf: (found: Scored) => RecallHit | null): AnswerPart => {
    const { best, total, partial } = question.rescore(index.search(question.request), vectorsOf);
    return { hits: best.flatMap((found) => hitOf(found) ?? []), total, partial };
  };
  const parts: AnswerPart[] = [];
  if (query.include !== "sessions")
    parts.push(find(space.index.memories, (found) => memoryHit(space, query, question, found)));
  if (query.include !== "memories")
    parts.push(find(space.index.chunks, (found) => sessionHit(space, query, question, found)));
  return question.answer(parts);
};
