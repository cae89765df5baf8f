/**
 * The cosine that texts have which have nothing to do with each other, by model. For some models it is .5 and more: their
 * vectors fill a narrow cone (Ethayarajh 2019), and compared as they are everything would look related. It is measured
 * once for a model, on sentences that share nothing, and taken off before cosines enter the sum (`raised` in
 * memory/recall/fuse.ts), so that one weight and one calibration fit every model.
 */
import type { Embedder } from "@cairn/memory/embedding/embedder";

const passages = [
  "The bakery on the corner sells rye bread.",
  "Quarterly revenue fell by two percent.",
  "My bicycle has a flat tyre again.",
  "The function returns an empty list.",
  "Rain is expected over the mountains tonight.",
  "She learned to play the cello as a child.",
  "Both parties have to sign the contract.",
  "Penguins huddle together against the cold.",
].map((content) => ({ content, author: null, occurredAt: null }));
const questions = [
  "What should I cook for dinner?",
  "When does the train to Lisbon leave?",
  "How do I reset my password?",
  "Who won the chess tournament?",
];
/** A model above this tells nothing apart; what is left of its cosines is not blown up further. */
const highest = 0.95;

const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);

const measure = async (embedder: Embedder): Promise<number> => {
  const [asked, told] = await Promise.all([
    Promise.all(questions.map((question) => embedder.embedQuery(question))),
    embedder.embedPassages(passages),
  ]);
  const cosines = asked.flatMap((question) =>
    told.flatMap(([vector]) => (vector === undefined ? [] : [dot(question, vector)])),
  );
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / Math.max(1, cosines.length);
  // To two digits: the last bits of a model differ between machines, scores should not.
  return Math.round(Math.min(highest, Math.max(0, mean)) * 100) / 100;
};

const measured = new WeakMap<Embedder, Promise<number>>();

/** 0 to .95. Rejects as the embedder does; the next call tries again. The built-in model needs none: its is 0. */
export const vectorFloor = (embedder: Embedder): Promise<number> => {
  if (embedder.model.provider === "builtin") return Promise.resolve(0);
  const known = measured.get(embedder);
  if (known !== undefined) return known;
  const found = measure(embedder);
  measured.set(embedder, found);
  found.catch(() => measured.delete(embedder));
  return found;
};
