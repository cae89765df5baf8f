/**
 * Exact and near duplicates (MEM-5). An exact duplicate has the same normalised content, compared by hash; a near
 * duplicate says the same in the same words and differs only in what carries no fact: articles, fillers, inflection,
 * punctuation, the way a date or number is written.
 */
import { createHash } from "node:crypto";
import { distinguishingMarks, markTokens } from "./marks.ts";

/**
 * Least cosine of two near duplicates, a first choice below TribalMemory's .98 for exact and about its .90 for near
 * ones. Only a guard: texts that differ in one number lie closer still, so vectors rule a pair out and never in.
 */
export const nearDuplicateCosine = 0.92;

/** What may end a text without changing it. A question mark stays: asking is not stating. */
const trailing = new Set(".!,;:… 。！、，；：।");

const collapse = (text: string): string => text.replace(/\s+/gu, " ").trim();

const foldOnce = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/gu, "")
    .replaceAll("ß", "ss")
    .replaceAll("ς", "σ")
    .normalize("NFKC");

/**
 * The text as exact duplicates share it: NFKC, case folded, whitespace collapsed, zero-width characters and trailing
 * punctuation dropped. Idempotent. A text of nothing but punctuation keeps it.
 */
export const normalizedContent = (text: string): string => {
  const folded = collapse(foldOnce(foldOnce(text)));
  let end = folded.length;
  let asks = false;
  for (; end > 0; end -= 1) {
    const last = folded.charAt(end - 1);
    if (last === "?") asks = true;
    else if (!trailing.has(last)) break;
  }
  if (end === 0) return folded;
  return asks ? `${folded.slice(0, end)}?` : folded.slice(0, end);
};

/** SHA-256 of the normalised content, cut to its first 16 bytes. */
export const contentHash = (text: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(normalizedContent(text), "utf8").digest().subarray(0, 16));

/** `contentHash` as 32 hexadecimal digits. */
export const contentHashHex = (text: string): string => Buffer.from(contentHash(text)).toString("hex");

export interface DuplicateCandidate {
  readonly content: string;
  /** `distinguishingMarks(content)`, where it is already known. */
  readonly marks?: string;
}

/**
 * Whether two texts may be kept as one: alike as vectors, equal in everything that distinguishes, and made of the same
 * words in the same order once empty words are gone. Overlap of word sets is not enough ("dark mode" and "light mode"
 * share most words; "tabs over spaces" shares all with its opposite). Symmetric.
 */
export const areNearDuplicates = (a: DuplicateCandidate, b: DuplicateCandidate, cosine: number): boolean => {
  if (!(cosine >= nearDuplicateCosine)) return false;
  if ((a.marks ?? distinguishingMarks(a.content)) !== (b.marks ?? distinguishingMarks(b.content))) return false;
  const left = markTokens(a.content);
  const right = markTokens(b.content);
  if (left.length === 0 && right.length === 0) return normalizedContent(a.content) === normalizedContent(b.content);
  return left.length === right.length && left.every((token, index) => token.text === right[index]?.text);
};
