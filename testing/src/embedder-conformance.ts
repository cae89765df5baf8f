/**
 * What every `Embedder` promises, whatever the model behind it. An adapter's test calls `describeEmbedder` with a
 * factory; each test makes its own embedder and closes it.
 */
import { describe, expect, test } from "vitest";

import { isCairnError } from "@cairn/kernel/error";
import type { Embedder, PassageText } from "@cairn/memory/embedding/embedder";

export interface EmbedderConformance {
  readonly make: () => Embedder | Promise<Embedder>;
  /** Text of which the model knows nothing; null for models that know something of every text. */
  readonly unknownText: string | null;
  /** A content of at least two chunks, which begins and ends with different matters. */
  readonly longText: string;
  /** How many texts a batch has, where a text takes the model milliseconds; 90 by default. */
  readonly passages?: number;
  /** Requirement ids that the adapter meets with this suite, for the titles: `EMB-1`. */
  readonly requirement: string;
}

export const passage = (content: string, author: string | null = null): PassageText => ({
  content,
  author,
  occurredAt: null,
});

/** The dot product; of unit vectors, the cosine. */
export const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, axis) => sum + value * (b[axis] ?? Number.NaN), 0);

const paraphrases = [
  ["The cat is sleeping on the couch.", "A kitten naps on the sofa."],
  ["We will ship the release on Friday.", "The new version goes out at the end of the week."],
  ["She moved to Berlin to start a job.", "Her new work made her relocate to Germany's capital."],
] as const;

const awkward = ["\ud800", "lone \udc00 half", "a\0b", "\0", "\uFFFD", "\u202e", "😀".repeat(500), "[CLS] [SEP] [PAD]"];

export const describeEmbedder = (name: string, conformance: EmbedderConformance): void => {
  const { requirement, unknownText, longText, passages: count = 90 } = conformance;
  const opened = async () => {
    const embedder = await conformance.make();
    return { embedder, [Symbol.asyncDispose]: () => embedder.close() };
  };

  describe(`embedder conformance of ${name}`, () => {
    test(`${requirement}: vectors have the model's dimensions and unit length`, async () => {
      await using setup = await opened();
      const { embedder } = setup;
      const passages = await embedder.embedPassages([passage("Rain fell all night.", "Ada"), passage(longText)]);
      for (const vector of [...passages.flat(), await embedder.embedQuery("When did it rain?")]) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(vector).toHaveLength(embedder.model.dimensions);
        expect(Math.sqrt(dot(vector, vector))).toBeCloseTo(1, 5);
      }
    });

    test(`${requirement}: the model has a stable id`, async () => {
      await using one = await opened();
      await using other = await opened();
      expect(one.embedder.model).toEqual(other.embedder.model);
      expect(one.embedder.model.id).toMatch(/^\S+$/u);
    });

    test(`${requirement}: a text has the same bytes alone, in a batch, and in another embedder`, async () => {
      await using one = await opened();
      await using other = await opened();
      const passages = Array.from({ length: count }, (_, index) => passage(`Note ${index}: ${longText}`, "Ada"));
      const batch = await one.embedder.embedPassages(passages);
      for (const index of [0, count >> 1, count - 1]) {
        const alone = await other.embedder.embedPassages(passages.slice(index, index + 1));
        expect(alone[0]).toEqual(batch[index]);
      }
      expect(await one.embedder.embedQuery("Note 3?")).toEqual(await other.embedder.embedQuery("Note 3?"));
    });

    test(`${requirement}: vectors come in the order of the passages`, async () => {
      await using setup = await opened();
      const subjects = ["a red bicycle", "the tax office", "bread with butter", "a broken server", "her piano lesson"];
      const passages = await setup.embedder.embedPassages(subjects.map((subject) => passage(subject)));
      for (const [index, subject] of subjects.entries()) {
        const query = await setup.embedder.embedQuery(subject);
        const nearness = passages.map((vectors) => Math.max(...vectors.map((vector) => dot(query, vector))));
        expect(nearness.indexOf(Math.max(...nearness))).toBe(index);
      }
    });

    test(`${requirement}: no passages give no vectors`, async () => {
      await using setup = await opened();
      expect(await setup.embedder.embedPassages([])).toEqual([]);
    });

    test(`${requirement}: a text without anything the model knows has no vectors and a zero query`, async () => {
      await using setup = await opened();
      const nothing = ["", " \n\t ", ...(unknownText === null ? [] : [unknownText])];
      const passages = await setup.embedder.embedPassages([
        ...nothing.map((text) => passage(text, "Ada")),
        passage("a word"),
      ]);
      expect(passages.map((vectors) => vectors.length)).toEqual([...nothing.map(() => 0), 1]);
      for (const text of nothing) {
        const query = await setup.embedder.embedQuery(text);
        expect(query).toHaveLength(setup.embedder.model.dimensions);
        expect(query.every((value) => value === 0)).toBe(true);
      }
    });

    test(`${requirement}: a long text has several vectors, each of its own part`, async () => {
      await using setup = await opened();
      const [vectors] = await setup.embedder.embedPassages([passage(longText)]);
      expect(vectors?.length).toBeGreaterThan(1);
      expect(vectors?.at(-1)).not.toEqual(vectors?.[0]);
    });

    test(`${requirement}: a paraphrase is nearer than an unrelated sentence`, async () => {
      await using setup = await opened();
      const passages = await setup.embedder.embedPassages(paraphrases.map(([, other]) => passage(other)));
      for (const [index, [sentence]] of paraphrases.entries()) {
        const query = await setup.embedder.embedQuery(sentence);
        const nearness = passages.map(([vector]) => dot(query, vector as Float32Array));
        expect(nearness.indexOf(Math.max(...nearness))).toBe(index);
      }
    });

    test(`${requirement}: broken and invisible characters do no harm`, async () => {
      await using setup = await opened();
      const passages = await setup.embedder.embedPassages(awkward.map((text) => passage(`well ${text}`, text)));
      const queries = await Promise.all(awkward.map((text) => setup.embedder.embedQuery(`well ${text}`)));
      expect(passages).toHaveLength(awkward.length);
      for (const vector of [...passages.flat(), ...queries]) expect(vector.every(Number.isFinite)).toBe(true);
    });

    test(`${requirement}: many requests at once get their own answers`, async () => {
      await using setup = await opened();
      const { embedder } = setup;
      const requests = Array.from({ length: 12 }, (_, request) =>
        Array.from({ length: 1 + ((request * 7) % Math.min(40, count)) }, (_, at) =>
          passage(`Request ${request} tells fact ${at}.`),
        ),
      );
      const together = await Promise.all(requests.map((passages) => embedder.embedPassages(passages)));
      for (const [index, passages] of requests.entries())
        expect(await embedder.embedPassages(passages)).toEqual(together[index]);
    });

    test(`${requirement}: a closed embedder refuses with a coded error, and closing again is harmless`, async () => {
      const embedder = await conformance.make();
      await embedder.embedPassages([passage("one")]);
      await embedder.close();
      await embedder.close();
      const refusals = await Promise.all([
        embedder.embedQuery("one").catch((error: unknown) => error),
        embedder.embedPassages([passage("one")]).catch((error: unknown) => error),
      ]);
      expect(refusals.map((error) => isCairnError(error) && error.code)).toEqual([
        "embedding.unavailable",
        "embedding.unavailable",
      ]);
    });

    test(`${requirement}: requests under way at closing end, with vectors or with a coded error`, async () => {
      const embedder = await conformance.make();
      const passages = Array.from({ length: Math.min(60, count) }, () => passage(longText));
      const answers = Array.from({ length: 3 }, () =>
        embedder.embedPassages(passages).then(
          (vectors) => vectors.length === passages.length,
          (error: unknown) => isCairnError(error) && error.code === "embedding.unavailable",
        ),
      );
      await embedder.close();
      expect(await Promise.all(answers)).toEqual([true, true, true]);
    });
  });
};
