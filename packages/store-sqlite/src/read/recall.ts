/** Recall over one space: the index scores everything, the file gives back the rows of the best. */
import { calibrate, explain, fuse, scoreFor } from "@cairn/memory/recall/fuse";
import { facetName } from "@cairn/memory/recall/entry";
import type { FacetFilter } from "@cairn/memory/recall/facet-columns";
import type {
  MemoryHit,
  RecallAnswer,
  RecallFilter,
  RecallHit,
  RecallQuery,
  SessionHit,
} from "@cairn/memory/recall/query";
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
/** How many more than asked for are scored again with float vectors. */
const rescored = 6;

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
    const signals = { ...candidate.signals, dense };
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

const standing =
  "FROM conflicts c JOIN memories m ON m.row = c.other WHERE c.memory = ? AND m.state = 0 AND (m.expires_at IS NULL OR m.expires_at > ?)";

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

const memoryHit = (space: OpenSpace, query: RecallQuery, { candidate, score }: Scored): MemoryHit | null => {
  const memory = memoryOfDoc(space, candidate.owner, candidate.doc, query.asOf);
  if (memory === null) return null;
  const at = query.asOf ?? query.now;
  const outside =
    (memory.validUntil !== null && memory.validUntil <= at) || (memory.validFrom !== null && memory.validFrom > at);
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
  return {
    type: "session",
    chunk,
    similarity: calibrate(score),
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
  const outOfTime = (): boolean => query.deadlineAt !== undefined && Date.now() >= query.deadlineAt;
  const zone = query.timeZone ?? "UTC";
  // Punctuation alone asks nothing; its vector would still be near to something.
  const vector = /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(query.query)
    ? query.vector
    : new Float32Array(query.vector.length);
  const request: SearchRequest = {
    terms: [...new Set(analyze(query.query))].map((term) => space.lexicon.find(term)),
    vector,
    filter: facetFilter(space, query),
    asOf: query.asOf ?? null,
    now: query.now,
    times: findTimePhrases(query.query, { now: query.now, timeZone: zone }).filter((phrase) => phrase.certain),
    best: wanted + rescored,
    leastScore: least - quantizationSlack,
    outOfTime,
  };
  const find = (index: SearchIndex, hitOf: (found: Scored) => RecallHit | null): Found => {
    const { candidates, total, partial } = index.search(request);
    const cut = partial || outOfTime();
    const scored = rescore(space, candidates, vector, cut || !space.index.comparable());
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
  };
};
