/**
 * A question to a large space, answered from the database. Candidates are found by indexes (candidates.ts), read with
 * what stands around them, and scored by the same code as in a projection, with the whole space's figures: a document's
 * score is the projection's, only that one which is among the best may have been no candidate. Such an answer is
 * `partial`, unless the filter leaves so little that all of it was looked at.
 *
 * Not answered here is what only a look at every document can: the past, what is held back, filters that let too much
 * through or go by no index, and more hits than candidates are made for.
 */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import { namesAsked, prepareQuestion, type Question } from "@cairn/memory/recall/question";
import type { SearchRequest, SearchResult } from "@cairn/memory/recall/search-index";
import { tuning } from "@cairn/memory/recall/tuning";
import { docKind, type DocumentKind } from "@cairn/memory/write/write-store";
import type { Connection } from "../../connection/pool.ts";
import { type ModelGeneration, modelList, type ModelRow, modelsOfRow } from "../../read/space-state.ts";
import { ask, findNames } from "../recall.ts";
import { findCandidates, findFiltered, type KindFigures, searchSettings, type Seeking } from "./candidates.ts";
import { authorsOf, indexFew } from "./few-documents.ts";
import { neighboursOf, readDocuments } from "./read-found.ts";

/** More hits than this, those passed over included, are not chosen from candidates. */
const mostWanted = 60;
/** A turn after a question borrows the question's score, which has its own context. */
const around = tuning.contextDistance + 1;

interface StateRow extends ModelRow {
  readonly last_doc: number;
  readonly part: number;
  readonly counts: string | null;
}

interface LargeState {
  readonly own: ModelGeneration;
  readonly part: number;
  readonly lastDoc: number;
  readonly figures: ReadonlyMap<number, KindFigures>;
}

export const largeStateSql = `SELECT ${modelList}, s.last_doc, s.part,
  (SELECT json_agg(json_build_object('kind', kind, 'documents', documents, 'passages', passages,
     'length', length + head * borrowed, 'lends', head > 0)) FROM large_counts WHERE space = $1)::text AS counts
  FROM space_state s CROSS JOIN LATERAL (
    SELECT generation FROM large_spaces WHERE space = $1 AND filled >= upto LIMIT 1
  ) l WHERE s.space = $1 AND s.part > 0 AND l.generation = s.generation`;

/** Null for a space that the database cannot search, or not yet. */
const largeState = async (connection: Connection, space: string): Promise<LargeState | null> => {
  const [row] = await connection.query<StateRow>(largeStateSql, [space]);
  const own = row === undefined ? null : modelsOfRow(row).own;
  if (row === undefined || own === null) return null;
  const counts = JSON.parse(row.counts ?? "[]") as readonly (KindFigures & { readonly kind: number })[];
  return {
    own,
    part: row.part,
    lastDoc: row.last_doc,
    figures: new Map(counts.map(({ kind, ...figures }) => [kind, figures] as const)),
  };
};

/** Whether it is a question that candidates can answer, whatever they will be. */
const isAnswerable = ({ asOf, exact, includeQuarantined, limit, offset = 0 }: RecallQuery): boolean =>
  asOf === undefined && exact !== true && includeQuarantined !== true && offset + limit <= mostWanted;

interface Part {
  readonly search: (request: SearchRequest) => SearchResult;
  readonly around: (doc: number, distance: number) => readonly number[];
  readonly whole: boolean;
}

interface Asked {
  readonly connection: Connection;
  readonly space: string;
  readonly query: RecallQuery;
  readonly state: LargeState;
  readonly question: Question;
  readonly named: ReadonlyMap<string, number>;
}

/** Null where the filter needs a look at each document. */
const findPart = async (asked: Asked, kind: DocumentKind): Promise<Part | null> => {
  const { connection, space, query, state, question, named } = asked;
  const { request, compared } = question;
  const figures = state.figures.get(kind);
  if (figures === undefined || figures.documents === 0)
    return { search: () => ({ candidates: [], total: 0, partial: false }), around: () => [], whole: true };
  const { generation } = state.own;
  const seeking: Seeking = { connection, space, part: state.part, generation, kind, figures };
  const { filter, terms, vector } = request;
  const large = state.lastDoc >= tuning.largeSpace;
  const found =
    filter === null
      ? await findCandidates(seeking, terms, vector, { compared, large })
      : await findFiltered(seeking, terms, filter, large);
  if (found === null) return null;
  const chosen = await readDocuments(connection, space, generation, found.docs);
  const distance = Math.max(around, query.context ?? 0);
  const beside = await neighboursOf(connection, space, kind, chosen.documents, distance);
  const more = await readDocuments(connection, space, generation, beside);
  const rows = {
    documents: [...chosen.documents, ...more.documents],
    vectors: [...chosen.vectors, ...more.vectors],
  };
  const names = await connection.query<{ id: number; name: string }>(
    `SELECT n.id, n.name FROM unnest($2::integer[]) AS w (id)
     CROSS JOIN LATERAL (SELECT id, name FROM names WHERE space = $1 AND id = w.id LIMIT 1) n`,
    [space, authorsOf(rows)],
  );
  const index = indexFew({
    found: rows,
    figures,
    lastDoc: state.lastDoc,
    holding: found.holding,
    terms,
    named,
    authors: new Map(names.map(({ id, name }) => [id, name] as const)),
  });
  return { ...index, whole: found.whole || rows.documents.length >= figures.documents };
};

/** Whether hits are missing that a look at every document would surely find. */
const lacks = ({ query, question }: Asked, answer: RecallAnswer, whole: boolean): boolean =>
  !whole && question.request.leastScore <= 0 && answer.hits.length < query.limit;

/**
 * Null where only a projection can answer. In a transaction in which all statements see one state.
 */
export const recallLarge = async (
  connection: Connection,
  space: string,
  engineModel: EmbeddingModel,
  query: RecallQuery,
): Promise<RecallAnswer | null> => {
  if (!isAnswerable(query)) return null;
  const [state, named] = await Promise.all([
    largeState(connection, space),
    findNames(connection, space, namesAsked(query)),
    connection.query(searchSettings),
  ]);
  if (state === null) return null;
  const { own } = state;
  const asking = {
    own: own.model,
    engineModel,
    find: (name: string) => named.get(name) ?? -1,
    entryOf: () => null,
  };
  const question = prepareQuestion(query, asking);
  const asked: Asked = { connection, space, query, state, question, named };
  const kinds = [
    ...(query.include === "sessions" ? [] : [docKind.memory]),
    ...(query.include === "memories" ? [] : [docKind.chunk]),
  ];
  const parts = new Map<number, Part>();
  for (const kind of kinds) {
    const part = await findPart(asked, kind);
    if (part === null) return null;
    parts.set(kind, part);
  }
  const { answer } = await ask(
    {
      connection,
      space,
      query,
      projection: {
        search: (kind, request) => parts.get(kind)!.search(request),
        around: (kind, doc, distance) => parts.get(kind)!.around(doc, distance),
        own: () => own.model,
        generation: () => own.generation,
        entryOf: () => null,
      },
    },
    named,
    engineModel,
  );
  const whole = [...parts.values()].every((part) => part.whole);
  if (lacks(asked, answer, whole)) return null;
  return { ...answer, partial: answer.partial || !whole };
};
