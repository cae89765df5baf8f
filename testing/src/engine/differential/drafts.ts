/** Random memories as writers send them. Times are relative to the step that sends them, so that all is plain data. */
import fc from "fast-check";
import { categories, type MemoryFields, sourceTypes, trustLevels } from "@cairn/memory/memory/memory";
import { author, content, entity, instructions, key, session, tag } from "./vocabulary.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** Milliseconds after the step's own time. */
export const moment = fc.constantFrom(-3 * day, -hour, 0, 5, 2 * hour, 10 * day);
/** The how-manieth memory of the history. */
export const target = fc.nat(30);
export const expectedVersion = fc.integer({ min: 1, max: 3 });

/**
 * Where an item's vectors come from: the engine's own model, another of as many dimensions, one of fewer; none at all;
 * or what no model makes.
 */
export type VectorSource = "own" | "alike" | "smaller" | "none" | "broken";
export const vectorSource = fc.oneof(
  { weight: 12, arbitrary: fc.constant<VectorSource>("own") },
  { weight: 3, arbitrary: fc.constantFrom<VectorSource>("alike", "none") },
  { weight: 1, arbitrary: fc.constantFrom<VectorSource>("smaller", "broken") },
);

/** Mostly absent: what is always there hides what happens without it. */
export const seldom = <Value>(arbitrary: fc.Arbitrary<Value>, freq = 5): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq });
const nullable = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(arbitrary, { nil: null, freq: 8 });

const metadata = [{ a: 1 }, { deep: { list: [1, "two", null, true] } }, { "odd \u0000 key": "O'Brien" }];
const fields = {
  key: nullable(key),
  category: nullable(fc.constantFrom(...categories.slice(0, 3))),
  entity: nullable(entity),
  tags: fc.uniqueArray(tag, { maxLength: 3 }),
  metadata: nullable(fc.constantFrom(...metadata)),
  context: nullable(fc.constantFrom("said in passing", "from the minutes")),
  author: nullable(author),
  sessionId: nullable(session),
  sessionSeq: nullable(fc.nat(4)),
  sourceType: fc.constantFrom(...sourceTypes),
  sourceUri: nullable(fc.constant("https://example.org/page")),
  trust: fc.constantFrom(...trustLevels),
  importance: nullable(fc.constantFrom(0, 0.1, 1 / 3, 1)),
  confidence: fc.constantFrom(0, 0.7, 1),
  decay: nullable(fc.constantFrom("permanent", "normal", "ephemeral")),
  occurredAt: nullable(moment),
  validFrom: nullable(moment),
  validUntil: nullable(moment),
  expiresAt: nullable(moment),
};
type Field = keyof typeof fields;
const often: readonly Field[] = ["key", "tags", "sessionId", "trust", "author", "entity"];
const name = fc.constantFrom<Field>(...often, ...often, ...(Object.keys(fields) as Field[]));

/** What a draft says beside its content: a few fields. */
export type Draft = Partial<MemoryFields>;
const someFields: fc.Arbitrary<object> = fc
  .uniqueArray(name, { maxLength: 4 })
  .chain((names) => fc.record(Object.fromEntries(names.map((one) => [one, fields[one]]))));
export const draft = someFields as fc.Arbitrary<Draft>;

/** One of a few ids that only imports bring, or the id of a memory of the history. */
export type Named = { readonly outside: number } | { readonly target: number };
const named: fc.Arbitrary<Named> = fc.oneof(fc.record({ outside: fc.nat(2) }), fc.record({ target }));

const imported = fc.record(
  {
    id: named,
    sourceInstance: fc.constantFrom("tablet", "laptop"),
    createdAt: moment,
    updatedAt: moment,
    supersedes: fc.option(named, { nil: null, freq: 1 }),
    onConflict: fc.constantFrom("skip" as const, "overwrite" as const, "merge" as const),
  },
  { requiredKeys: ["onConflict"] },
);

const some = fc.record({
  content,
  draft,
  vectors: vectorSource,
  skipDedup: fc.nat(3).map((one) => one === 0),
  expectedVersion: seldom(expectedVersion),
  imported: seldom(imported),
});
/** Held back, or nearly. */
const suspect = fc.record({
  content: fc.constantFrom(...instructions),
  draft: fc.record({
    trust: fc.constantFrom("web" as const, "document" as const),
    entity: fc.constantFrom(null, "Priya Raman"),
  }),
  vectors: fc.constant<VectorSource>("own"),
  skipDedup: fc.boolean(),
});
export const item: fc.Arbitrary<
  Pick<typeof some extends fc.Arbitrary<infer Value> ? Value : never, "content" | "vectors" | "skipDedup"> & {
    readonly draft: Draft;
    readonly expectedVersion?: number | undefined;
    readonly imported?: (typeof imported extends fc.Arbitrary<infer Value> ? Value : never) | undefined;
  }
> = fc.oneof({ weight: 7, arbitrary: some }, { weight: 1, arbitrary: suspect });
