/** The steps of a history, as plain data: the same for both engines, and printed when these differ. */
import fc from "fast-check";
import { categories, trustLevels } from "@cairn/memory/memory/memory";
import { draft, expectedVersion, item, moment, seldom, target, vectorSource } from "./drafts.ts";
import { author, content, entity, key, questions, session, tag } from "./vocabulary.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** How far the clock moves on before a step: often not at all, sometimes past what expires. */
const gap = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.constant(10) },
  { weight: 1, arbitrary: fc.constantFrom(hour, 3 * day) },
);
const actor = fc.nat(1);
const model = fc.nat(2);

const items = fc.array(item, { minLength: 1, maxLength: 5, size: "max" });
const revision = { gap, actor, target, vectors: vectorSource };

const remember = fc.record({
  do: fc.constant("remember" as const),
  gap,
  actor,
  items,
  atomic: fc.nat(3).map((one) => one === 0),
});
const update = fc.record({
  do: fc.constant("update" as const),
  ...revision,
  content: seldom(content, 1),
  draft,
  expectedVersion: seldom(expectedVersion),
});
const correct = fc.record({ do: fc.constant("correct" as const), ...revision, content, draft });
const forget = fc.record({
  do: fc.constant("forget" as const),
  gap,
  actor,
  target,
  purge: fc.nat(2).map((one) => one === 0),
  expectedVersion: seldom(expectedVersion),
});
const restore = fc.record({
  do: fc.constant("restore" as const),
  gap,
  actor,
  target,
  version: seldom(fc.integer({ min: 1, max: 3 }), 1),
});
const release = fc.record({
  do: fc.constant("release" as const),
  gap,
  actor,
  target,
  expectedVersion: seldom(expectedVersion),
});
const ingest = fc.record({
  do: fc.constant("ingest" as const),
  gap,
  actor,
  session,
  from: fc.nat(3),
  count: fc.integer({ min: 1, max: 10 }),
  timed: fc.boolean(),
  vectors: vectorSource,
  /** Sends a chunk too few, as when the session has grown since it was planned. */
  late: fc.nat(5).map((one) => one === 0),
});
const extract = fc.record({
  do: fc.constant("extract" as const),
  gap,
  actor,
  session,
  /** Null: where the session is due. */
  from: fc.option(fc.nat(3), { nil: null, freq: 1 }),
  count: fc.integer({ min: 1, max: 6 }),
  failed: fc.nat(3).map((one) => one === 0),
  items: fc.array(item, { maxLength: 2 }),
});
const setVectors = fc.record({
  do: fc.constant("setVectors" as const),
  gap,
  model,
  limit: fc.constantFrom(2, 100, 100),
  wordless: fc.boolean(),
});
const changeModel = fc.record({ do: fc.constantFrom("prepare" as const, "switch" as const), gap, model });
/** Prepares, fills and switches: single steps seldom meet. */
const changeOver = fc.record({ do: fc.constant("changeOver" as const), gap, model });
const sweep = fc.record({
  do: fc.constant("sweep" as const),
  gap,
  sessionsOlder: fc.constantFrom(0, hour, 365 * day),
  purgeOlder: fc.constantFrom(0, hour, 365 * day),
});
const survey = fc.record({ do: fc.constant("survey" as const), gap });
const reopen = fc.record({ do: fc.constant("reopen" as const), gap });

const filters = {
  tags: fc.uniqueArray(tag, { maxLength: 2 }),
  tagsMode: fc.constantFrom("all" as const, "any" as const),
  key,
  category: fc.constantFrom(...categories.slice(0, 2)),
  entity,
  sessionId: session,
  sourceInstance: fc.constantFrom("laptop", "phone"),
  author,
  minTrust: fc.constantFrom(...trustLevels),
  after: moment,
  before: moment,
};
/** Two at most, and mostly none: with more of them nothing is found. */
const narrow = fc
  .uniqueArray(fc.constantFrom(...(Object.keys(filters) as (keyof typeof filters)[])), { maxLength: 2 })
  .chain((names) =>
    fc
      .record({ ...filters }, { requiredKeys: names })
      .map((all) => Object.fromEntries(names.map((name) => [name, all[name]] as const))),
  ) as fc.Arbitrary<{ readonly after?: number; readonly before?: number }>;
const filter = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: narrow }) as typeof narrow;

const asking = {
  query: fc.oneof(fc.constantFrom(...questions), content),
  vector: vectorSource.map((source) => (source === "broken" ? "own" : source)),
  include: fc.constantFrom("memories" as const, "memories" as const, "all" as const, "sessions" as const),
  limit: fc.constantFrom(1, 3, 10, 50),
  minRelevance: fc.constantFrom(0, 0, 0, 0.3, 0.6),
  explain: fc.boolean(),
  filter,
  /** The how-manieth moment of the history, from its end. */
  asOf: fc.option(fc.nat(12), { nil: null, freq: 2 }),
  more: fc.record(
    {
      offset: fc.nat(4),
      vectorFloor: fc.constantFrom(0, 0.2, 0.5),
      timeZone: fc.constantFrom("Europe/Berlin", "Pacific/Auckland"),
      includeQuarantined: fc.boolean(),
      context: fc.nat(2),
      exact: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
};
const ask = fc.record({ do: fc.constant("ask" as const), gap, ...asking });
const list = fc.record(
  {
    do: fc.constant("list" as const),
    gap,
    filter,
    quarantined: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
    order: fc.constantFrom("newest" as const, "oldest" as const),
  },
  { requiredKeys: ["do", "gap", "filter", "limit"] },
);

const step = fc.oneof(
  { weight: 10, arbitrary: remember },
  { weight: 4, arbitrary: update },
  { weight: 3, arbitrary: correct },
  { weight: 3, arbitrary: forget },
  { weight: 3, arbitrary: restore },
  { weight: 2, arbitrary: release },
  { weight: 3, arbitrary: ingest },
  { weight: 2, arbitrary: extract },
  { weight: 2, arbitrary: setVectors },
  { weight: 2, arbitrary: changeModel },
  { weight: 1, arbitrary: changeOver },
  { weight: 2, arbitrary: sweep },
  { weight: 1, arbitrary: survey },
  { weight: 1, arbitrary: reopen },
  { weight: 8, arbitrary: ask },
  { weight: 3, arbitrary: list },
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
export type StepOf<Do extends Step["do"]> = Extract<Step, { readonly do: Do }>;
export type ItemSpec = StepOf<"remember">["items"][number];

const plain = (history: readonly Step[]): readonly Step[] => JSON.parse(JSON.stringify(history)) as readonly Step[];

/** Histories of at most so many steps, of plain objects, as a failure prints them. */
export const historyOf = (most: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(step, { minLength: 1, maxLength: most, size: "max" }).map(plain);
