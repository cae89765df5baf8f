import { isWideSpace, normalizeForBert, splitForBert } from "./bert-normalizer.ts";
import { makeUnitCache } from "./unit-cache.ts";

/**
 * BERT-uncased WordPiece (Devlin et al. 2019; greedy longest match first), made for short English messages.
 *
 * Text is read in units between white space. A unit of plain ASCII is cut at punctuation by character code; any other
 * goes through the full normaliser as a whole, because accents and the final sigma depend on what stands beside them.
 * Most words are lower-case vocabulary entries, found with one look-up; the outcome for the others is remembered in a
 * bounded cache.
 *
 * `[CLS]` and other special names inside a text are plain text here: what people write cannot inject control tokens.
 */
export interface WordPieceTokenizer {
  /**
   * Vocabulary ids of a text, [UNK] included, without [CLS] and [SEP]; at most `limit` of them. The array is a view of
   * the tokenizer's own scratch space, valid only until its next call.
   */
  readonly scan: (text: string, limit?: number) => Int32Array;
  /** Like `scan`, in an array of its own. */
  readonly encode: (text: string, limit?: number) => Int32Array;
  /** Whether the piece goes on with the word of the piece before it. */
  readonly isContinuation: (id: number) => boolean;
  readonly unknownId: number;
}

/** A longer word is [UNK], as in BERT; in code points after normalisation. */
const longestWord = 100;
/** Longer units are rare and mostly unique (links, hashes, text without spaces): not worth a place in the cache. */
const longestCachedUnit = 48;
const cachedUnits = 8_192;
/** Scratch space that one long text needed is given back before the next text. */
const keptScratch = 65_536;

const WORD = 0;
const CAPITAL = 1;
const SPACE = 2;
const MARK = 3;
const CONTROL = 4;

const asciiClasses = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 9 || code === 10 || code === 13 || code === 32) return SPACE;
  if (code < 32 || code === 127) return CONTROL;
  if (code >= 65 && code <= 90) return CAPITAL;
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) ? WORD : MARK;
});

const codePoints = (word: string): number => {
  let count = 0;
  for (const _ of word) count += 1;
  return count;
};

/** `vocabulary[id]` is the wordpiece; pieces inside a word begin with `##`. Throws when there is no `[UNK]`. */
export const makeWordPiece = (vocabulary: readonly string[]): WordPieceTokenizer => {
  const starts = new Map<string, number>();
  const continuations = new Map<string, number>();
  const continues = new Uint8Array(vocabulary.length);
  let longestPiece = 0;
  vocabulary.forEach((piece, id) => {
    if (piece.length > 2 && piece.startsWith("##")) {
      continuations.set(piece.slice(2), id);
      continues[id] = 1;
    } else starts.set(piece, id);
    longestPiece = Math.max(longestPiece, piece.length);
  });
  const unknownId = starts.get("[UNK]");
  if (unknownId === undefined) throw new RangeError("The vocabulary has no [UNK].");
  const markIds = Int32Array.from({ length: 128 }, (_, code) => starts.get(String.fromCharCode(code)) ?? unknownId);
  const cache = makeUnitCache<Int32Array>(cachedUnits);

  let ids = new Int32Array(1_024);
  let count = 0;

  const push = (id: number): void => {
    if (count === ids.length) {
      const grown = new Int32Array(ids.length * 2);
      grown.set(ids);
      ids = grown;
    }
    ids[count++] = id;
  };

  /** Pushes the pieces of one normalised word, or [UNK] when a part of it is in no piece. */
  const pushPieces = (word: string): void => {
    const first = count;
    let at = word.length > longestWord && codePoints(word) > longestWord ? -1 : 0;
    while (at >= 0 && at < word.length) {
      const pieces = at === 0 ? starts : continuations;
      let end = Math.min(word.length, at + longestPiece);
      let id: number | undefined;
      while (end > at && (id = pieces.get(word.slice(at, end))) === undefined) end -= 1;
      if (id === undefined) at = -1;
      else {
        push(id);
        at = end;
      }
    }
    if (at < 0) {
      count = first;
      push(unknownId);
    }
  };

  /** Pushes a unit through `analyse`, or what the cache knows of it. */
  const pushCached = (unit: string, analyse: (unit: string) => void): void => {
    const known = cache.get(unit);
    if (known !== undefined) {
      for (const id of known) push(id);
      return;
    }
    const first = count;
    analyse(unit);
    if (unit.length <= longestCachedUnit) cache.set(unit, ids.slice(first, count));
  };

  const analyseWord = (word: string): void => pushPieces(word.toLowerCase());
  const analyseUnit = (unit: string): void => splitForBert(normalizeForBert(unit)).forEach(pushPieces);

  const pushWord = (text: string, from: number, to: number): void => {
    if (to - from > longestWord) return push(unknownId);
    const word = text.slice(from, to);
    const id = starts.get(word);
    if (id === undefined) pushCached(word, analyseWord);
    else push(id);
  };

  const scan = (text: string, limit = Number.POSITIVE_INFINITY): Int32Array => {
    if (ids.length > keptScratch) ids = new Int32Array(1_024);
    count = 0;
    let at = 0;
    while (at < text.length && count < limit) {
      const unitStart = at;
      const unitCount = count;
      let wordStart = at;
      let plain = true;
      for (; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code > 127) {
          if (isWideSpace(code)) break;
          plain = false;
          continue;
        }
        const kind = asciiClasses[code];
        if (kind === SPACE) break;
        if (kind === CONTROL) plain = false;
        else if (kind === MARK && plain) {
          if (at > wordStart) pushWord(text, wordStart, at);
          push(markIds[code] ?? unknownId);
          wordStart = at + 1;
        }
      }
      if (!plain) {
        // What was pushed as ASCII is taken back: the whole unit is normalised together.
        count = unitCount;
        pushCached(text.slice(unitStart, at), analyseUnit);
      } else if (at > wordStart) pushWord(text, wordStart, at);
      at += 1;
    }
    return ids.subarray(0, Math.min(count, limit));
  };

  return {
    scan,
    encode: (text, limit) => scan(text, limit).slice(),
    isContinuation: (id) => continues[id] === 1,
    unknownId,
  };
};
