/**
 * Recall over one space: one round trip brings the index up to date and looks up the question's words, the index scores
 * everything, and a second round trip reads the rows of the best.
 */
import type { Memory } from "@cairn/memory/memory/memory";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { MemoryHit, RecallAnswer, RecallHit, RecallQuery, SessionHit } from "@cairn/memory/recall/query";
import {
  type AnswerPart,
  maySee,
  namesAsked,
  prepareQuestion,
  type Question,
  type Scored,
} from "@cairn/memory/recall/question";
import type { SearchResult } from "@cairn/memory/recall/search-index";
import { docKind, type DocumentKind } from "@cairn/memory/write/write-store";
import type { Connection } from "../connection/pool.ts";
import { memoriesOfDocs, type ShownMemory } from "../read/as-of.ts";
import { contradictionsOf } from "../read/disputes.ts";
import { memoriesByRows } from "../read/memories.ts";
import { chunksByRows } from "../read/sessions.ts";
import { vectorsOfDocs } from "../read/vectors.ts";
import { nameHash } from "../space/name-hash.ts";
import type { Projection } from "../space/projection.ts";

interface Asking {
  readonly connection: Connection;
  readonly space: string;
  readonly query: RecallQuery;
  readonly projection: Projection;
  readonly question: Question;
}

/** The numbers of the names that the space knows. */
const findNames = async (
  connection: Connection,
  space: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (names.length === 0) return new Map();
  const rows = await connection.query<{ id: number; name: string }>(
    "SELECT id, name FROM names WHERE space = $1 AND hash = ANY($2::uuid[])",
    [space, names.map(nameHash)],
  );
  return new Map(rows.map(({ id, name }) => [name, id] as const));
};

const docsOf = ({ candidates }: SearchResult): readonly number[] => candidates.map(({ doc }) => doc);
const ownersOf = ({ candidates }: SearchResult): readonly number[] => candidates.map(({ owner }) => owner);

/** Of a memory that changed while its question was answered, what it is now. */
const shownNow = async (
  { connection, space, query }: Asking,
  found: SearchResult,
): Promise<ReadonlyMap<number, ShownMemory>> => {
  if (query.asOf !== undefined) return memoriesOfDocs(connection, space, docsOf(found));
  const rows = await memoriesByRows(connection, space, ownersOf(found));
  return new Map(
    found.candidates.flatMap(({ doc, owner }) => {
      const memory = rows.get(owner);
      return memory === undefined ? [] : [[doc, { memory, heldBack: memory.quarantined !== null }] as const];
    }),
  );
};

const around = (asking: Asking, kind: DocumentKind, found: SearchResult): ReadonlyMap<number, readonly number[]> => {
  const distance = asking.query.context ?? 0;
  if (distance === 0) return new Map();
  return new Map(found.candidates.map(({ doc }) => [doc, asking.projection.around(kind, doc, distance)] as const));
};

const floats = ({ connection, space, projection, question }: Asking, found: SearchResult) =>
  question.compared && !found.partial && !question.request.outOfTime()
    ? vectorsOfDocs(connection, space, projection.generation(), docsOf(found))
    : Promise.resolve(new Map<number, readonly Float32Array[]>());

const hitsOf = (best: readonly Scored[], hitOf: (one: Scored) => RecallHit | null): readonly RecallHit[] =>
  best.map(hitOf).filter((hit) => hit !== null);

const memoryPart = async (asking: Asking, found: SearchResult): Promise<AnswerPart> => {
  const { connection, space, query, question } = asking;
  const nearby = around(asking, docKind.memory, found);
  const [vectors, shown, disputes, neighbours] = await Promise.all([
    floats(asking, found),
    shownNow(asking, found),
    contradictionsOf(connection, space, ownersOf(found), query.now),
    nearby.size === 0
      ? new Map<number, Memory>()
      : memoriesByRows(connection, space, [...new Set([...nearby.values()].flat())]),
  ]);
  const { best, total, partial } = question.rescore(found, (doc) => vectors.get(doc) ?? []);
  const hitOf = (one: Scored): MemoryHit | null => {
    const { doc, owner } = one.candidate;
    const memory = shown.get(doc);
    if (memory === undefined || (query.asOf !== undefined && memory.heldBack && query.includeQuarantined !== true))
      return null;
    const { conflicts = [], contradicted = false } = disputes.get(owner) ?? {};
    const seen = (nearby.get(doc) ?? []).flatMap((row) => neighbours.get(row) ?? []);
    return question.memoryHit(one, {
      memory: memory.memory,
      neighbours: seen.filter((neighbour) => maySee(query, neighbour)),
      conflicts,
      contradicted,
    });
  };
  return { hits: hitsOf(best, hitOf), total, partial };
};

const sessionPart = async (asking: Asking, found: SearchResult): Promise<AnswerPart> => {
  const { connection, space, question } = asking;
  const nearby = around(asking, docKind.chunk, found);
  const rows = [...new Set([...ownersOf(found), ...[...nearby.values()].flat()])];
  const [vectors, chunks] = await Promise.all([floats(asking, found), chunksByRows(connection, space, rows)]);
  const { best, total, partial } = question.rescore(found, (doc) => vectors.get(doc) ?? []);
  const hitOf = (one: Scored): SessionHit | null => {
    const chunk = chunks.get(one.candidate.owner);
    if (chunk === undefined) return null;
    return question.sessionHit(
      one,
      chunk,
      (nearby.get(one.candidate.doc) ?? []).flatMap((row) => chunks.get(row) ?? []),
    );
  };
  return { hits: hitsOf(best, hitOf), total, partial };
};

/** Inside a transaction of the space that sees what others commit meanwhile. */
export const recall = async (
  connection: Connection,
  space: string,
  engineModel: EmbeddingModel,
  query: RecallQuery,
  projection: Projection,
): Promise<RecallAnswer> => {
  const [names] = await Promise.all([findNames(connection, space, namesAsked(query)), projection.follow(connection)]);
  const question = prepareQuestion(query, {
    own: projection.own(),
    engineModel,
    find: (name) => names.get(name) ?? -1,
    entryOf: projection.entryOf,
  });
  const asking: Asking = { connection, space, query, projection, question };
  // Both indexes are asked before anything is awaited: they belong to one state.
  const memories = query.include === "sessions" ? null : projection.search(docKind.memory, question.request);
  const chunks = query.include === "memories" ? null : projection.search(docKind.chunk, question.request);
  const parts = await Promise.all([
    ...(memories === null ? [] : [memoryPart(asking, memories)]),
    ...(chunks === null ? [] : [sessionPart(asking, chunks)]),
  ]);
  return question.answer(parts);
};
