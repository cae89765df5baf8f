/**
 * Recall over one space: one round trip brings the index up to date and looks up the question's words, the index scores
 * everything, and a second round trip reads the rows of the best.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Memory } from "@cairn/memory/memory/memory";
import type { EmbeddingModel, PassageVectors } from "@cairn/memory/embedding/embedder";
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
import { nameHash, namesByHash } from "../space/name-hash.ts";
import type { Projection } from "../space/projection.ts";
import type { NotBegun, Projections } from "../space/projections.ts";

interface Asking {
  readonly connection: Connection;
  readonly space: string;
  readonly query: RecallQuery;
  readonly projection: Searched;
  readonly question: Question;
}

/** What a question needs of an index: a projection, or what the database found (large/). */
export type Searched = Pick<Projection, "search" | "around" | "own" | "generation" | "entryOf">;

type Floats = ReadonlyMap<number, PassageVectors>;
interface Part extends AnswerPart {
  /** Whether what was found by its vector had none any more when that was read. */
  readonly outrun: boolean;
}

type Named = ReadonlyMap<string, number>;

/** The numbers of the names that the space knows. */
export const findNames = async (connection: Connection, space: string, names: readonly string[]): Promise<Named> => {
  if (names.length === 0) return new Map();
  const rows = await connection.query<{ id: number; name: string }>(namesByHash, [space, names.map(nameHash)]);
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

const floats = ({ connection, space, projection, question }: Asking, found: SearchResult): Promise<Floats> =>
  question.compared && !found.partial && !question.request.outOfTime()
    ? vectorsOfDocs(connection, space, projection.generation(), docsOf(found))
    : Promise.resolve(new Map());

const isOutrun = ({ question }: Asking, { candidates, partial }: SearchResult, vectors: Floats): boolean =>
  question.compared &&
  !partial &&
  !question.request.outOfTime() &&
  candidates.some(({ doc, signals }) => signals.dense > 0 && !vectors.has(doc));

const hitsOf = (best: readonly Scored[], hitOf: (one: Scored) => RecallHit | null): readonly RecallHit[] =>
  best.map(hitOf).filter((hit) => hit !== null);

const memoryPart = async (asking: Asking, found: SearchResult): Promise<Part> => {
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
  return { hits: hitsOf(best, hitOf), total, partial, outrun: isOutrun(asking, found, vectors) };
};

const sessionPart = async (asking: Asking, found: SearchResult): Promise<Part> => {
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
  return { hits: hitsOf(best, hitOf), total, partial, outrun: isOutrun(asking, found, vectors) };
};

interface Answered {
  readonly answer: RecallAnswer;
  /** Of the vectors that were asked. */
  readonly generation: number;
  /** The space may have gone over to another model meanwhile, which took these vectors away. */
  readonly outrun: boolean;
}

/** Of an index that is up to date. */
export const ask = async (
  asked: Omit<Asking, "question">,
  named: Named,
  engineModel: EmbeddingModel,
): Promise<Answered> => {
  const { query, projection } = asked;
  const question = prepareQuestion(query, {
    own: projection.own(),
    engineModel,
    find: (name) => named.get(name) ?? -1,
    entryOf: projection.entryOf,
  });
  const asking: Asking = { ...asked, question };
  const generation = projection.generation();
  // Both indexes are asked before anything is awaited: they belong to one state.
  const memories = query.include === "sessions" ? null : projection.search(docKind.memory, question.request);
  const chunks = query.include === "memories" ? null : projection.search(docKind.chunk, question.request);
  const parts = await Promise.all([
    ...(memories === null ? [] : [memoryPart(asking, memories)]),
    ...(chunks === null ? [] : [sessionPart(asking, chunks)]),
  ]);
  return { answer: question.answer(parts), generation, outrun: parts.some(({ outrun }) => outrun) };
};

/** A space changes over now and then, not while it is asked again and again. */
const mostTries = 5;

/** Inside a transaction of the space that sees what others commit meanwhile. Null as `large` says. */
export const recall = async (
  connection: Connection,
  space: string,
  engineModel: EmbeddingModel,
  query: RecallQuery,
  projections: Projections,
  large?: NotBegun<null>,
): Promise<RecallAnswer | null> => {
  let named: Named = new Map();
  const finding = findNames(connection, space, namesAsked(query)).then((found) => void (named = found));
  // Where the index cannot be brought up to date, that is what is told.
  finding.catch(() => undefined);
  const answerAfter = async (before: Answered | null, tries: number): Promise<RecallAnswer | null> => {
    const answered = await projections.use<Answered | null>(
      connection,
      space,
      // It was not a change of model: what was found has been changed or erased since.
      async (projection) =>
        before?.generation === projection.generation()
          ? { ...before, outrun: false }
          : ask({ connection, space, query, projection }, named, engineModel),
      finding,
      large,
    );
    if (answered === null) return null;
    if (!answered.outrun) return answered.answer;
    if (tries < mostTries) return answerAfter(answered, tries + 1);
    throw new CairnError("storage.busy", "The space changes its model; try again in a moment.", { retryAfterMs: 500 });
  };
  return answerAfter(null, 1);
};
