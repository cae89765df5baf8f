/** Recall over one space: the index scores everything, the file gives back the rows of the best. */
import { CairnError } from "@cairn/kernel/error";
import { calibrate, explain, fuse, raised, scoreFor } from "@cairn/memory/recall/fuse";
import { asksForTime } from "@cairn/memory/recall/cues";
import { facetName, visitNames } from "@cairn/memory/recall/entry";
import type { FacetFilter } from "@cairn/memory/recall/facet-columns";
import type {
  MemoryHit,
  RecallAnswer,
  RecallFilter,
  RecallHit,
  RecallQuery,
  SessionHit,
} from "@cairn/memory/recall/query";
import type { Disputes } from "@cairn/memory/space/engine";
import type { Candidate, SearchIndex, SearchRequest } from "@cairn/memory/recall/search-index";
import { normalizeEntity } from "@cairn/memory/entity/normalize";
import { type Memory, trustLevels } from "@cairn/memory/memory/memory";
import { analyze } from "@cairn/memory/text/analyzer";
import { findTimePhrases } from "@cairn/memory/time/time-range";
import { columnList, type MemoryRow, memoryOfRow } from "../space/memory-row.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc } from "../space/space-index.ts";
import { versionsOf } from "./history.ts";
import { chunkByRow } from "./sessions.ts";

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
const questionVector = (space: OpenSpace, query: RecallQuery): { vector: Float32Array; compared: boolean } => {
  const { own } = space.index.models();
  const { id, dimensions } = own ?? space.model;
  // Punctuation alone asks nothing; its vector would still be near to something.
  const asks = /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(query.query);
  const { vector, vectorModel = space.model.id } = query;
  const says = asks && vectorModel === id && vector.some((value) => value !== 0);
  if (!says) return { vector: new Float32Array(dimensions), compared: false };
  if (vector.length === dimensions && vector.every(Number.isFinite)) return { vector, compared: own !== null };
  throw new CairnError(
    "request.invalid",
    `The question's vector does not fit the embedder ${id}: it must hold ${dimensions} finite numbers.`,
  );
};

export const facetFilter = (space: OpenSpace, filter: RecallFilter): FacetFilter | null => {
  const id = (kind: Parameters<typeof facetName>[0], value: string): number =>
    space.lexicon.find(facetName(kind, value));
  const found: FacetFilter = {
    ...(filter.author !== undefined && { author: id("author", filter.author) }),
    ...(filter.sessionId !== undefined && { session: id("session", filter.sessionId) }),
    ...(filter.category !== undefined && { category: id("category", filter.category) }),
    ...(filter.sourceInstance !== undefined && { source: id("source", filter.sourceInstance) }),
    ...(filter.key !== undefined && { key: id("key", filter.key) }),
    ...(filter.entity !== undefined && { entity: id("entity", normalizeEntity(filter.entity)) }),
    ...(filter.minTrust !== undefined && { mostTrust: trustLevels.indexOf(filter.minTrust) }),
    ...(filter.after !== undefined && { after: filter.after }),
    ...(filter.before !== undefined && { before: filter.before }),
    ...(filter.tags !== undefined &&
      filter.tags.length > 0 && { tags: filter.tags.map((tag) => id("tag", tag)), anyTag: filter.tagsMode !== "all" }),
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

const dot = (a: Float32Array, bytes: Uint8Array): number => {
  const b = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  if (b.length !== a.length) return 0;
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
};

interface Scored {
  readonly candidate: Candidate;
  readonly score: number;
}

/** The candidates with their cosines computed again from float vectors, best first. */
const rescore = (
  space: OpenSpace,
  candidates: readonly Candidate[],
  vector: Float32Array,
  floor: number,
  skip: boolean,
): readonly Scored[] => {
  const vectorsOf = space.read("SELECT f32 FROM v WHERE id >= ? AND id < ?").pluck();
  const scored = candidates.map((candidate) => {
    if (skip) return { candidate, score: fuse(candidate.signals) };
    let dense = 0;
    for (const bytes of vectorsOf.all(
      candidate.doc * chunksPerDoc,
      (candidate.doc + 1) * chunksPerDoc,
    ) as Uint8Array[]) {
      dense = Math.max(dense, dot(vector, bytes));
    }
    const signals = { ...candidate.signals, dense: raised(dense, floor) };
    return { candidate: { ...candidate, signals }, score: fuse(signals) };
  });
  return scored.sort((a, b) => b.score - a.score || b.candidate.doc - a.candidate.doc);
};

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

/** What was said around a hit, as far as the caller may see it: expired or less trusted neighbours are left out. */
const neighboursOf = (space: OpenSpace, query: RecallQuery, doc: number): readonly Memory[] => {
  const most = query.minTrust === undefined ? trustLevels.length : trustLevels.indexOf(query.minTrust);
  return space.index.memories.around(doc, query.context ?? 0).flatMap((row) => {
    const memory = memoryByRow(space, row);
    if (memory === null || (memory.expiresAt !== null && memory.expiresAt <= query.now)) return [];
    return trustLevels.indexOf(memory.trust) > most ? [] : [memory];
  });
};

const isOutside = ({ validFrom, validUntil }: Memory, at: number): boolean =>
  (validUntil !== null && validUntil <= at) || (validFrom !== null && validFrom > at);

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

const memoryHit = (space: OpenSpace, query: RecallQuery, { candidate, score }: Scored): MemoryHit | null => {
  const memory = memoryOfDoc(space, candidate.owner, candidate.doc, query.asOf);
  if (memory === null || (query.asOf !== undefined && isHeldBack(space, query, candidate.owner))) return null;
  const at = query.asOf ?? query.now;
  const outside = isOutside(memory, at);
  return {
    type: "memory",
    memory,
    similarity: calibrate(score),
    neighbours: (query.context ?? 0) > 0 ? neighboursOf(space, query, candidate.doc) : [],
    conflicts: conflictIds(space, candidate.owner, query.now),
    stale: outside || contradictedByNewer(space, candidate.owner, query.now),
    ...(query.explain === true && {
      explain: explain(candidate.signals, filterNames(query), "the caller may read this space"),
    }),
  };
};

const sessionHit = (space: OpenSpace, query: RecallQuery, { candidate, score }: Scored): SessionHit | null => {
  const chunk = chunkByRow(space.read, candidate.owner);
  if (chunk === null) return null;
  const around = (query.context ?? 0) > 0 ? space.index.chunks.around(candidate.doc, query.context ?? 0) : [];
  return {
    type: "session",
    chunk,
    similarity: calibrate(score),
    neighbours: around.flatMap((row) => chunkByRow(space.read, row) ?? []),
    ...(query.explain === true && {
      explain: explain(candidate.signals, filterNames(query), "the caller may read this space"),
    }),
  };
};

interface Found {
  readonly hits: readonly RecallHit[];
  readonly total: number;
  readonly partial: boolean;
}

/** Call inside a snapshot. */
export const recall = (space: OpenSpace, query: RecallQuery): RecallAnswer => {
  const offset = query.offset ?? 0;
  const wanted = offset + query.limit;
  const least = scoreFor(query.minRelevance);
  const outOfTime = (ahead = 0): boolean =>
    query.deadlineAt !== undefined && Date.now() + ahead >= query.deadlineAt - replyMs;
  const zone = query.timeZone ?? "UTC";
  const { vector, compared } = questionVector(space, query);
  const entryOf = space.read("SELECT entry FROM docs WHERE n = ?").pluck();
  const request: SearchRequest = {
    terms: [...new Set(analyze(query.query))].map((term) => space.lexicon.find(term)),
    vector,
    vectorFloor: compared ? (query.vectorFloor ?? 0) : 0,
    asksForTime: asksForTime(query.query),
    entryOf: (doc) => {
      const entry = entryOf.get(doc) as Uint8Array | null | undefined;
      // Bytes that were damaged since the index read them teach nothing.
      return entry !== null && entry !== undefined && visitNames(entry, () => undefined) ? entry : null;
    },
    filter: facetFilter(space, query),
    asOf: query.asOf ?? null,
    ...(query.includeQuarantined === true && { includeQuarantined: true }),
    now: query.now,
    times: findTimePhrases(query.query, { now: query.now, timeZone: zone }).filter((phrase) => phrase.certain),
    best: wanted + rescored,
    ...(query.exact === true && { exact: true }),
    leastScore: least - quantizationSlack,
    outOfTime,
  };
  const find = (index: SearchIndex, hitOf: (found: Scored) => RecallHit | null): Found => {
    const { candidates, total, partial } = index.search(request);
    const cut = partial || outOfTime();
    const scored = rescore(space, candidates, vector, query.vectorFloor ?? 0, cut || !compared);
    const passed = scored.filter(({ score }) => score >= least);
    const hits = passed.slice(0, wanted).flatMap((found) => hitOf(found) ?? []);
    return { hits, total: total - (scored.length - passed.length), partial: cut };
  };
  const found: Found[] = [];
  if (query.include !== "sessions") found.push(find(space.index.memories, (one) => memoryHit(space, query, one)));
  if (query.include !== "memories") found.push(find(space.index.chunks, (one) => sessionHit(space, query, one)));
  const hits = found.flatMap((one) => one.hits);
  if (found.length > 1) hits.sort((a, b) => b.similarity - a.similarity);
  return {
    hits: hits.slice(offset, wanted),
    total: found.reduce((sum, one) => sum + one.total, 0),
    partial: found.some((one) => one.partial),
    model: space.index.models().own,
  };
};
