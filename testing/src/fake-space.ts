/** What the fake engine keeps of one space, and how it is read; `fake-engine.ts` writes. */
import type { Clock } from "@cairn/kernel/clock";
import type { Change } from "@cairn/memory/change/change";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import { type Memory, trustLevels } from "@cairn/memory/memory/memory";
import type { RecallFilter, RecallHit, RecallQuery, SessionChunk } from "@cairn/memory/recall/query";
import type { KeptNote, MemoryVersion, SessionMessage, SpaceReader } from "@cairn/memory/space/engine";
import type { FakeVectors } from "./fake-vectors.ts";

export interface Row {
  readonly memory: Memory;
  /** Its number in the space's vectors. */
  readonly document: number;
  readonly deleted: boolean;
}

export interface Space {
  readonly rows: Map<string, Row>;
  readonly versions: Map<string, MemoryVersion[]>;
  readonly changes: Change[];
  readonly vectors: FakeVectors;
  readonly extractions: Map<string, { readonly position: number; readonly attempts: number; readonly nextAt: number }>;
  /** By their ids, which are in the order of time. */
  readonly notes: Map<string, KeptNote>;
  readonly sessions: Map<string, { readonly instanceId: string; readonly messages: SessionMessage[] }>;
}

const words = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
const eventTime = (memory: Memory): number => memory.occurredAt ?? memory.createdAt;
const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

const passes = (memory: Memory, filter: RecallFilter): boolean => {
  const { tags, tagsMode = "any", minTrust, after, before } = filter;
  const wanted = (tag: string): boolean => memory.tags.includes(tag);
  if (tags !== undefined && !(tagsMode === "all" ? tags.every(wanted) : tags.some(wanted))) return false;
  if (minTrust !== undefined && trustLevels.indexOf(memory.trust) > trustLevels.indexOf(minTrust)) return false;
  if (after !== undefined && eventTime(memory) < after) return false;
  if (before !== undefined && eventTime(memory) >= before) return false;
  const names = ["key", "category", "entity", "sessionId", "sourceInstance", "author"] as const;
  return names.every((name) => filter[name] === undefined || memory[name] === filter[name]);
};

const similarity = (query: RecallQuery, content: string, vectors: PassageVectors): number => {
  const asked = words(query.query);
  const own = words(content);
  const shared = [...asked].filter((word) => own.has(word)).length / Math.max(1, asked.size);
  return Math.min(1, Math.max(0, shared, ...vectors.map((vector) => dot(vector, query.vector))));
};

const chunkOf = (sessionId: string, instanceId: string, message: SessionMessage, index: number): SessionChunk => ({
  chunkId: `${sessionId}#${index}`,
  sessionId,
  instanceId,
  content: message.content,
  startTime: message.at,
  endTime: message.at,
  chunkIndex: index,
});

const count = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));

/** The documents of what can be brought back, too: they must not be forgotten when the model changes. */
export const documentsOf = (space: Space): readonly number[] =>
  [...space.rows.values()].map(({ document }) => document);

export const makeReader = (space: Space, clock: Clock): SpaceReader => {
  const documents = (): readonly number[] => documentsOf(space);
  const live = (now = clock()): readonly Row[] =>
    [...space.rows.values()].filter(
      ({ memory, deleted }) =>
        !deleted && memory.supersededBy === null && (memory.expiresAt === null || memory.expiresAt > now),
    );
  const sessionHits = (query: RecallQuery): readonly RecallHit[] =>
    [...space.sessions].flatMap(([sessionId, { instanceId, messages }]) =>
      query.sessionId !== undefined && query.sessionId !== sessionId
        ? []
        : messages.map(({ content }, index): RecallHit => {
            const chunks = messages.map((message, at) => chunkOf(sessionId, instanceId, message, at));
            const distance = query.context ?? 0;
            const neighbours = [
              ...chunks.slice(Math.max(0, index - distance), index),
              ...chunks.slice(index + 1, index + 1 + distance),
            ];
            return { type: "session", chunk: chunks[index]!, neighbours, similarity: similarity(query, content, []) };
          }),
    );
  const naming = (name: string): readonly Memory[] =>
    live().flatMap(({ memory }) =>
      memory.quarantined === null && memory.entity?.toLowerCase() === name.toLowerCase() ? [memory] : [],
    );
  const entities: SpaceReader["entities"] = async (search, limit) => {
    const names = live().flatMap(({ memory }) => memory.entity ?? []);
    return Object.entries(count(names))
      .filter(([name]) => name.toLowerCase().includes(search.toLowerCase()))
      .slice(0, limit)
      .map(([name, mentions]) => ({ name, type: "thing", aliases: [], mentions }));
  };
  return {
    recall: async (query) => {
      const memories = live(query.now)
        .filter(({ memory }) => memory.quarantined === null || query.includeQuarantined === true)
        .filter(({ memory }) => passes(memory, query) && (query.asOf === undefined || memory.createdAt <= query.asOf))
        .map(({ memory, document }): RecallHit => {
          const vectors = space.vectors.comparable(document, query.vectorModel);
          const score = similarity(query, memory.content, vectors);
          const neighbours = live()
            .map((row) => row.memory)
            .filter((other) => other.quarantined === null)
            .filter(
              (other) => other.id !== memory.id && other.sessionId !== null && other.sessionId === memory.sessionId,
            )
            .filter((other) => Math.abs((other.sessionSeq ?? 0) - (memory.sessionSeq ?? 0)) <= (query.context ?? 0));
          return { type: "memory", memory, similarity: score, neighbours, conflicts: [], stale: false };
        });
      const found = [
        ...(query.include === "sessions" ? [] : memories),
        ...(query.include === "memories" ? [] : sessionHits(query)),
      ]
        .filter((hit) => hit.similarity >= query.minRelevance)
        .toSorted((one, other) => other.similarity - one.similarity);
      const offset = query.offset ?? 0;
      const hits = found.slice(offset, offset + query.limit);
      return { hits, total: found.length, partial: false, model: space.vectors.own() };
    },
    get: async (memoryId) => live().find(({ memory }) => memory.id === memoryId)?.memory ?? null,
    disputes: async () => ({ conflicts: [], stale: false }),
    list: async ({ limit, cursor, order = "newest", quarantined, ...filter }) => {
      const all = live()
        .flatMap(({ memory }) => (passes(memory, filter) ? [memory] : []))
        .filter((memory) => quarantined === undefined || quarantined === (memory.quarantined !== null));
      const ordered = order === "newest" ? all.toReversed() : all;
      const from = Number(cursor ?? 0);
      return {
        items: ordered.slice(from, from + limit),
        cursor: from + limit < ordered.length ? String(from + limit) : null,
      };
    },
    history: async (memoryId) => space.versions.get(memoryId) ?? [],
    changes: async (afterSeq, limit) => space.changes.slice(afterSeq, afterSeq + limit),
    stats: async () => {
      const memories = live().map(({ memory }) => memory);
      const chunks = [...space.sessions.values()].reduce((sum, { messages }) => sum + messages.length, 0);
      return {
        memories: memories.length,
        bySourceType: count(memories.map(({ sourceType }) => sourceType)),
        byTag: count(memories.flatMap(({ tags }) => tags)),
        byInstance: count(memories.map(({ sourceInstance }) => sourceInstance)),
        byCategory: count(memories.flatMap(({ category }) => category ?? [])),
        corrections: memories.filter(({ supersedes }) => supersedes !== null).length,
        quarantined: memories.filter(({ quarantined }) => quarantined !== null).length,
        sessions: space.sessions.size,
        sessionChunks: chunks,
        entities: (await entities("", Number.MAX_SAFE_INTEGER)).length,
        changes: space.changes.length,
        bytes: 0,
      };
    },
    entities,
    entityGraph: async (name) => {
      const found = (await entities("", Number.MAX_SAFE_INTEGER)).find(
        (node) => node.name.toLowerCase() === name.toLowerCase(),
      );
      return found === undefined ? null : { entities: [{ ...found, hops: 0 }], relationships: [] };
    },
    entityMemories: async (name, _hops, limit) => naming(name).slice(0, limit),
    vectors: async (ids) => ids.map((memoryId) => space.vectors.of(space.rows.get(memoryId)?.document ?? 0)),
    vectorState: async () => space.vectors.state(documents()),
    missingVectors: async (limit, model) => space.vectors.missing(documents(), model).slice(0, limit),
    planSession: async ({ messages }) => messages.map(({ content }) => content),
    extractionsDue: async ({ now, limit }) =>
      [...space.sessions]
        .map(([sessionId, { messages }]) => {
          const known = space.extractions.get(sessionId) ?? { position: 0, attempts: 0, nextAt: 0 };
          return { sessionId, from: known.position, count: messages.length, ...known };
        })
        .filter((one) => one.count > one.from && one.nextAt <= now)
        .slice(0, limit)
        .map(({ sessionId, from, count: messages, attempts }) => ({ sessionId, from, count: messages, attempts })),
    sessionMessages: async (sessionId, after, limit) =>
      (space.sessions.get(sessionId)?.messages ?? []).slice(after, after + limit),
    notes: async (limit) =>
      [...space.notes.values()].toSorted((one, other) => (one.note.id < other.note.id ? -1 : 1)).slice(0, limit),
  };
};
