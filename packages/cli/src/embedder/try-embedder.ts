/** Whether an embedder tells what belongs together from what does not, and how fast it is. */
import type { Embedder } from "@cairn/memory/embedding/embedder";

/** A sentence, another that means the same, and one about something else. */
const triples = [
  [
    "The cat is sleeping on the couch.",
    "A kitten naps on the sofa.",
    "Interest rates rose again in the third quarter.",
  ],
  ["When does the train to Paris leave?", "The railway timetable to France", "She painted the kitchen walls yellow."],
  [
    "Where does she work now?",
    "She started a new job at the hospital in May.",
    "The mountain path is covered with snow.",
  ],
  ["He is allergic to peanuts.", "Nuts make him ill, so he must not eat them.", "The printer needs another cable."],
] as const;

export interface TriedPair {
  readonly text: string;
  readonly same: string;
  readonly sameCosine: number;
  readonly other: string;
  readonly otherCosine: number;
}

export interface Trial {
  readonly pairs: readonly TriedPair[];
  /** Every paraphrase is nearer than the unrelated sentence beside it. */
  readonly sane: boolean;
  readonly shortMs: number;
  readonly longMs: number;
}

const cosine = (one: Float32Array, other: Float32Array | undefined): number =>
  other === undefined ? 0 : one.reduce((sum, value, axis) => sum + value * (other[axis] ?? 0), 0);

const passage = (content: string) => ({ content, author: null, occurredAt: null });

/** Milliseconds a text, over `count` different texts. */
const timed = async (embedder: Embedder, words: number, count: number): Promise<number> => {
  const texts = Array.from(
    { length: count },
    (_, at) => `Note ${at}: ${"the ferry left the harbour late again ".repeat(words / 7)}`,
  );
  const begin = performance.now();
  for (const text of texts) await embedder.embedPassages([passage(text)]);
  return (performance.now() - begin) / count;
};

export const tryEmbedder = async (embedder: Embedder): Promise<Trial> => {
  const pairs: TriedPair[] = [];
  for (const [text, same, other] of triples) {
    const question = await embedder.embedQuery(text);
    const [near = [], far = []] = await embedder.embedPassages([passage(same), passage(other)]);
    pairs.push({ text, same, sameCosine: cosine(question, near[0]), other, otherCosine: cosine(question, far[0]) });
  }
  const sane = pairs.every(({ sameCosine, otherCosine }) => sameCosine > otherCosine);
  const shortMs = await timed(embedder, 14, 20);
  const longMs = await timed(embedder, 140, 5);
  return { pairs, sane, shortMs, longMs };
};
