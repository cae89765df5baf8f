/**
 * Cutting texts for a service whose tokenizer is not here. A passage is cut into pieces of about 400 tokens: one
 * vector finds a paragraph better than it finds a chapter, and small models read no more than 512 tokens.
 */
import { splitText } from "@cairn/memory/transfer/split-text";

/**
 * Tokens that a text has at most, roughly: services count differently, so this counts high. Letters and spaces of
 * English come at four to a token; digits and marks at one to two; scripts beyond Latin at one to three a letter.
 */
export const estimateTokens = (text: string): number => {
  let thirds = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const letter = (code >= 97 && code <= 122) || code === 32 || (code >= 65 && code <= 90);
    thirds += letter ? 1 : code < 0x80 ? 2 : code < 0x800 ? 3 : 5;
  }
  return Math.ceil(thirds / 3);
};

/** Of a piece; of a question, which must be one piece. OpenAI's models read 8,191. */
export const pieceTokens = 512;
export const queryTokens = 8_000;
export const leastPieceTokens = 32;

/** What services cannot read: halves of surrogate pairs, and U+0000. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll("\0", " ").trim();

/** Pieces of at most that many tokens each, as estimated; none of a blank text. */
export const cutText = (text: string, mostTokens: number): readonly string[] => {
  const clean = cleanText(text);
  if (clean === "") return [];
  const tokens = estimateTokens(clean);
  if (tokens <= mostTokens) return [clean];
  // Of nearly equal length: a short last piece would be a few stray words that match anything.
  const count = Math.ceil(tokens / mostTokens);
  const most = Math.max(1, Math.ceil((clean.length / count) * 1.1));
  const pieces = splitText(clean, most).map((piece) => piece.trim());
  const fit = most <= 2 || pieces.every((piece) => estimateTokens(piece) <= mostTokens);
  return fit ? pieces : pieces.flatMap((piece) => cutText(piece, mostTokens));
};

/** The beginning of a text, of at most that many tokens; the text itself where it fits. */
export const firstPiece = (text: string, mostTokens: number): string => cutText(text, mostTokens)[0] ?? "";
