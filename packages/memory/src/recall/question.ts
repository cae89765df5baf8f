/**
 * A question as an index is asked it, and its answer as a caller reads it: the same for every engine, which only says
 * what its lexicon knows and where its rows are.
 */
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel, PassageVectors } from "../embedding/embedder.ts";
import { normalizeEntity } from "../entity/normalize.ts";
import { type Memory, trustLevels } from "../memory/memory.ts";
import { isOutside } from "../memory/validity.ts";
import { analyze } from "../text/analyzer.ts";
import { findTimePhrases } from "../time/time-range.ts";
import { asksForTime } from "./cues.ts";
import { type FacetKind, facetName } from "./entry.ts";
import type { FacetFilter } from "./facet-columns.ts";
import { calibrate, explain, fuse, raised, scoreFor } from "./fuse.ts";
import type {
  MemoryHit,
  RecallAnswer,
  RecallFilter,
  RecallHit,
  RecallQuery,
  SessionChunk,
  SessionHit,
} from "./query.ts";
import type { Candidate, SearchRequest, SearchResult } from "./search-index.ts";

/** int8 cosines are this close to float ones (times the dense weight); what might pass with floats is kept. */
const quantizationSlack = 0.004;
/** Milliseconds of a deadline that are kept for reading the rows of the best and handing them over. */
const replyMs = 4;
/** How many more than asked for are scored again with float vectors. */
const rescored = 6;

/**
 * The vector to compare with, and whether there is one at all: what is of another model than the space's is left to
 * words alone, and so is what says nothing. Throws request.invalid for a vector that is not what its model makes.
 */
const questionVector = (
  query: RecallQuery,
  own: EmbeddingModel | null,
  engineModel: EmbeddingModel,
): { readonly vector: Float32Array; readonly compared: boolean } => {
  const { id, dimensions } = own ?? engineModel;
  // Punctuation alone asks nothing; its vector would still be near to something.
  const asks = /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(query.query);
  const { vector, vectorModel = engineModel.id } = query;
  const says = asks && vectorModel === id && vector.some((value) => value !== 0);
  if (!says) return { vector: new Float32Array(dimensions), compared: false };
  if (vector.length === dimensions && vector.every(Number.isFinite)) return { vector, compared: own !== null };
  throw new CairnError(
    "request.invalid",
    `The question's vector does not fit the embedder ${id}: it must hold ${dimensions} finite numbers.`,
  );
};

/** The distinct terms of a question. */
const termsOf = ({ query }: RecallQuery): readonly string[] => [...new Set(analyze(query))];

type NameFilter = Pick<FacetFilter, "author" | "session" | "category" | "source" | "key" | "entity">;
/** The lexicon's name of each value that a filter asks for. */
const filterFacets = (filter: RecallFilter): Readonly<Record<keyof NameFilter, string | undefined>> => {
  const name = (kind: FacetKind, value: string | undefined): string | undefined =>
    value === undefined ? undefined : facetName(kind, value);
  return {
    author: name("author", filter.author),
    session: name("session", filter.sessionId),
    category: name("category", filter.category),
    source: name("source", filter.sourceInstance),
    key: name("key", filter.key),
    entity: name("entity", filter.entity === undefined ? undefined : normalizeEntity(filter.entity)),
  };
};
const tagNames = ({ tags = [] }: RecallFilter): readonly string[] => tags.map((tag) => facetName("tag", tag));

/** Every name that a question looks up in the lexicon. */
export const namesAsked = (query: RecallQuery): readonly string[] => [
  ...termsOf(query),
  ...Object.values(filterFacets(query)).filter((name) => name !== undefined),
  ...tagNames(query),
];

/** `find` gives a name's number, −1 for one that the space does not know. */
const facetFilter = (filter: RecallFilter, find: (name: string) => number): FacetFilter | null => {
  const numbers = Object.entries(filterFacets(filter)).flatMap(([facet, name]) =>
    name === undefined ? [] : [[facet, find(name)] as const],
  );
  const tags = tagNames(filter);
  const found: FacetFilter = {
    ...(Object.fromEntries(numbers) as NameFilter),
    ...(filter.minTrust !== undefined && { mostTrust: trustLevels.indexOf(filter.minTrust) }),
    ...(filter.after !== undefined && { after: filter.after }),
    ...(filter.before !== undefined && { before: filter.before }),
    ...(tags.length > 0 && { tags: tags.map(find), anyTag: filter.tagsMode !== "all" }),
  };
  return Object.keys(found).length === 0 ? null : found;
};

const filterNames = (query: RecallQuery): readonly string[] => {
  const named: (readonly [string, unknown])[] = [
    ["tags", query.tags?.join(",")],
    ["key", query.key],
    ["category", query.category],
    ["entity", query.entity],
    ["session_id", query.sessionId],
    ["source_instance", query.sourceInstance],
    ["author", query.author],
    ["min_trust", query.minTrust],
    ["after", query.after === undefined ? undefined : new Date(query.after).toISOString()],
    ["before", query.before === undefined ? undefined : new Date(query.before).toISOString()],
    ["as_of", query.asOf === undefined ? undefined : new Date(query.asOf).toISOString()],
    ["min_relevance", query.minRelevance],
  ];
  return named
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${String(value)}`);
};

const dot = (a: Float32Array, b: Float32Array): number => {
  if (b.length !== a.length) return 0;
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
};

export interface AskedSpace {
  /** Null before the first write. */
  readonly own: EmbeddingModel | null;
  /** Of vectors that do not name theirs. */
  readonly engineModel: EmbeddingModel;
  readonly find: (name: string) => number;
  /** The entry of a document, null where there is none; asked of a few documents (feedback.ts). */
  readonly entryOf: (doc: number) => Uint8Array | null;
}

export interface Scored {
  readonly candidate: Candidate;
  readonly score: number;
}

export interface Question {
  readonly request: SearchRequest;
  /** Whether float vectors are to be fetched, unless time is up. */
  readonly compared: boolean;
  /** What is worth a row: the candidates of a search with their cosines from float vectors, best first. */
  readonly rescore: (
    found: SearchResult,
    vectorsOf: (doc: number) => PassageVectors,
  ) => { readonly best: readonly Scored[]; readonly total: number; readonly partial: boolean };
  readonly memoryHit: (found: Scored, shown: ShownWith) => MemoryHit;
  readonly sessionHit: (found: Scored, chunk: SessionChunk, neighbours: readonly SessionChunk[]) => SessionHit;
  /** Of what each kind of document found. */
  readonly answer: (parts: readonly AnswerPart[]) => RecallAnswer;
}

export interface ShownWith {
  readonly memory: Memory;
  readonly neighbours: readonly Memory[];
  readonly conflicts: readonly string[];
  readonly contradicted: boolean;
}

export interface AnswerPart {
  readonly hits: readonly RecallHit[];
  readonly total: number;
  readonly partial: boolean;
}

const permission = "the caller may read this space";

/** What was said around a hit, as far as the caller may see it: expired or less trusted neighbours are left out. */
export const maySee = (query: RecallQuery, memory: Memory): boolean => {
  if (memory.expiresAt !== null && memory.expiresAt <= query.now) return false;
  return query.minTrust === undefined || trustLevels.indexOf(memory.trust) <= trustLevels.indexOf(query.minTrust);
};

/** Throws request.invalid for a vector that is not what its model makes. */
export const prepareQuestion = (query: RecallQuery, { own, engineModel, find, entryOf }: AskedSpace): Question => {
  const offset = query.offset ?? 0;
  const wanted = offset + query.limit;
  const least = scoreFor(query.minRelevance);
  const floor = query.vectorFloor ?? 0;
  const { vector, compared } = questionVector(query, own, engineModel);
  const outOfTime = (ahead = 0): boolean =>
    query.deadlineAt !== undefined && Date.now() + ahead >= query.deadlineAt - replyMs;
  const explained = ({ candidate }: Scored) =>
    query.explain === true ? { explain: explain(candidate.signals, filterNames(query), permission) } : {};

  const request: SearchRequest = {
    terms: termsOf(query).map(find),
    vector,
    vectorFloor: compared ? floor : 0,
    asksForTime: asksForTime(query.query),
    entryOf,
    filter: facetFilter(query, find),
    asOf: query.asOf ?? null,
    ...(query.includeQuarantined === true && { includeQuarantined: true }),
    now: query.now,
    times: findTimePhrases(query.query, { now: query.now, timeZone: query.timeZone ?? "UTC" }).filter(
      (phrase) => phrase.certain,
    ),
    best: wanted + rescored,
    ...(query.exact === true && { exact: true }),
    leastScore: least - quantizationSlack,
    outOfTime,
  };
  return {
    request,
    compared,
    rescore: ({ candidates, total, partial }, vectorsOf) => {
      const cut = partial || outOfTime();
      const scored = candidates.map((candidate): Scored => {
        if (cut || !compared) return { candidate, score: fuse(candidate.signals) };
        const nearest = vectorsOf(candidate.doc).reduce((most, other) => Math.max(most, dot(vector, other)), 0);
        const signals = { ...candidate.signals, dense: raised(nearest, floor) };
        return { candidate: { ...candidate, signals }, score: fuse(signals) };
      });
      const passed = scored
        .filter(({ score }) => score >= least)
        .sort((one, other) => other.score - one.score || other.candidate.doc - one.candidate.doc);
      return { best: passed.slice(0, wanted), total: total - (scored.length - passed.length), partial: cut };
    },
    memoryHit: (found, { memory, neighbours, conflicts, contradicted }) => ({
      type: "memory",
      memory,
      similarity: calibrate(found.score),
      neighbours,
      conflicts,
      stale: isOutside(memory, query.asOf ?? query.now) || contradicted,
      ...explained(found),
    }),
    sessionHit: (found, chunk, neighbours) => ({
      type: "session",
      chunk,
      similarity: calibrate(found.score),
      neighbours,
      ...explained(found),
    }),
    answer: (parts) => {
      const hits = parts.flatMap((part) => part.hits);
      if (parts.length > 1) hits.sort((one, other) => other.similarity - one.similarity);
      return {
        hits: hits.slice(offset, wanted),
        total: parts.reduce((sum, part) => sum + part.total, 0),
        partial: parts.some((part) => part.partial),
        model: own,
      };
    },
  };
};
