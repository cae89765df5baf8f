/** What every test of an engine starts from: one space, a writer, and short ways to store and ask. */
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { Memory, MemoryFields } from "@cairn/memory/memory/memory";
import type { MemoryHit, RecallAnswer, RecallQuery, SessionHit } from "@cairn/memory/recall/query";
import type {
  Actor,
  Engine,
  IngestOutcome,
  RememberItem,
  RememberOutcome,
  SessionMessage,
} from "@cairn/memory/space/engine";
import { makeFakeEmbedder } from "../fake-embedder.ts";

export interface OpenedEngine {
  readonly engine: Engine;
  /** Closes the engine and opens another on the same data. */
  readonly reopen: () => Promise<Engine>;
  /** Closes it and removes its data. */
  readonly remove: () => Promise<void>;
}

export interface EngineConformance {
  readonly open: (options?: { readonly clock?: Clock }) => Promise<OpenedEngine>;
  /** Whether `clock` is heeded; tests that must set the time are skipped where it is not. */
  readonly takesClock: boolean;
}

export const dimensions = 64;
export const engineEmbedder = makeFakeEmbedder(dimensions);

/** The unit vector along one dimension: a meaning of its own. */
export const along = (dimension: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  vector[dimension] = 1;
  return vector;
};

const plain: Omit<MemoryFields, "content"> = {
  key: null,
  category: null,
  entity: null,
  tags: [],
  metadata: null,
  context: null,
  author: null,
  sessionId: null,
  sessionSeq: null,
  sourceType: "user_explicit",
  sourceUri: null,
  trust: "agent",
  importance: null,
  confidence: 1,
  occurredAt: null,
  validFrom: null,
  validUntil: null,
  expiresAt: null,
  decay: null,
};

export type Draft = Partial<MemoryFields> & Pick<MemoryFields, "content">;
export type ItemOptions = Partial<Omit<RememberItem, "fields">>;

export const embed = async (content: string): Promise<readonly Float32Array[]> => {
  const [vectors = []] = await engineEmbedder.embedPassages([{ content, author: null, occurredAt: null }]);
  return vectors;
};

export const itemOf = async (draft: Draft | string, options: ItemOptions = {}): Promise<RememberItem> => {
  const fields: MemoryFields = { ...plain, ...(typeof draft === "string" ? { content: draft } : draft) };
  return { fields, vectors: await embed(fields.content), skipDedup: false, ...options };
};

export const alice: Actor = { principal: "alice", instance: "laptop" };

/** Waits until the wall clock has moved on, so that two writes have different times. */
export const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3));

export interface World extends AsyncDisposable {
  readonly engine: Engine;
  readonly space: string;
  readonly reopen: () => Promise<void>;
  readonly rememberAll: (
    items: readonly RememberItem[],
    atomic?: boolean,
    actor?: Actor,
  ) => Promise<readonly RememberOutcome[]>;
  readonly outcomeOf: (draft: Draft | string, options?: ItemOptions, actor?: Actor) => Promise<RememberOutcome>;
  /** Stores one memory and returns it; anything but stored or updated fails the test. */
  readonly remember: (draft: Draft | string, options?: ItemOptions, actor?: Actor) => Promise<Memory>;
  readonly correct: (id: string, content: string, more?: Partial<MemoryFields>) => Promise<Memory>;
  readonly recall: (query: string, more?: Partial<RecallQuery>) => Promise<RecallAnswer>;
  readonly hits: (query: string, more?: Partial<RecallQuery>) => Promise<readonly MemoryHit[]>;
  /** The contents of what a recall finds. */
  readonly texts: (query: string, more?: Partial<RecallQuery>) => Promise<readonly string[]>;
  readonly ingest: (sessionId: string, messages: readonly SessionMessage[]) => Promise<IngestOutcome>;
  readonly searchSessions: (query: string, more?: Partial<RecallQuery>) => Promise<readonly SessionHit[]>;
}

export const memoryOf = (outcome: RememberOutcome | undefined): Memory => {
  if (outcome?.status === "stored" || outcome?.status === "updated") return outcome.memory;
  throw new Error(`Not stored: ${JSON.stringify(outcome)}`);
};

const question = async (query: string, more: Partial<RecallQuery>): Promise<RecallQuery> => ({
  query,
  vector: await engineEmbedder.embedQuery(query),
  limit: 10,
  minRelevance: 0.3,
  include: "memories",
  now: Date.now(),
  ...more,
});

/** Embeds what the plan asks for and ingests, again when the session has grown meanwhile. */
export const ingestInto = async (
  engine: Engine,
  space: string,
  sessionId: string,
  messages: readonly SessionMessage[],
  actor: Actor = alice,
): Promise<IngestOutcome> => {
  const ingest = { sessionId, instanceId: "laptop", messages };
  for (;;) {
    const texts = await engine.read(space).planSession(ingest);
    const vectors = new Map(await Promise.all(texts.map(async (text) => [text, await embed(text)] as const)));
    const outcome = await engine.write(space, actor).ingestSession(ingest, vectors);
    if (outcome.status === "ingested") return outcome;
  }
};

export const openWorld = async (
  { open }: EngineConformance,
  options: { readonly clock?: Clock; readonly space?: string } = {},
): Promise<World> => {
  const { space = newId(), clock } = options;
  const opened = await open(clock === undefined ? {} : { clock });
  let { engine } = opened;
  await engine.create(space);
  const rememberAll: World["rememberAll"] = (items, atomic = false, actor = alice) =>
    engine.write(space, actor).remember(items, atomic);
  const outcomeOf: World["outcomeOf"] = async (draft, more, actor) => {
    const [outcome] = await rememberAll([await itemOf(draft, more)], false, actor);
    if (outcome === undefined) throw new Error("No outcome.");
    return outcome;
  };
  const recall: World["recall"] = async (query, more = {}) => engine.read(space).recall(await question(query, more));
  const hits: World["hits"] = async (query, more) =>
    (await recall(query, more)).hits.filter((hit) => hit.type === "memory");
  return {
    get engine() {
      return engine;
    },
    space,
    reopen: async () => {
      engine = await opened.reopen();
    },
    rememberAll,
    outcomeOf,
    remember: async (draft, more, actor) => memoryOf(await outcomeOf(draft, more, actor)),
    correct: async (originalId, content, more = {}) =>
      engine.write(space, alice).correct({ originalId, fields: { ...more, content }, vectors: await embed(content) }),
    recall,
    hits,
    texts: async (query, more) => (await hits(query, more)).map(({ memory }) => memory.content),
    ingest: (sessionId, messages) => ingestInto(engine, space, sessionId, messages),
    searchSessions: async (query, more = {}) =>
      (await recall(query, { include: "sessions", ...more })).hits.filter((hit) => hit.type === "session"),
    [Symbol.asyncDispose]: opened.remove,
  };
};
