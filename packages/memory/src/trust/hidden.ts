/**
 * Text that a person does not see and a model does: tag characters, letters split by zero-width characters, turned
 * writing directions, comments and styles of HTML, and blobs of base64 that hold sentences.
 */
import { fold } from "./fold.ts";
import type { Place } from "./signal.ts";

/** Letters and spaces as tag characters; a flag's emoji has some too, but starts with a black flag. */
const tagRun = /(?<!\u{1f3f4})[\u{e0020}-\u{e007e}]{8,}/gu;
/** Between two Latin letters no script needs a joiner. */
const splitWord = /[a-z][\u200b-\u200d\u2060\ufeff\u00ad][a-z]/giu;
const turned = /[\u202d\u202e][^\n]{3}/gu;
const toModel =
  /\b(?:ais?|llms?|assistants?|agents?|language models?|chatgpt|claude|gemini|copilot|chatbots?|prompt)\b/u;
const spoken = /\b(?:you|your|ignore|instructions?|user|du|ihr|vous|tu|usted|must)\b/u;
const unseen =
  /style ?= ?["'][^"'\n]{0,120}(?:display: ?none|font-size: ?0|visibility: ?hidden|opacity: ?0(?![.\d])|color: ?(?:white|#fff(?:fff)?|transparent))/gu;

export interface Hidden {
  readonly places: readonly Place[];
  /** What tag characters spell. */
  readonly revealed: readonly string[];
}

const fromTags = (run: string): string =>
  Array.from(run, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0xe0020) - 0xe0000)).join("");

/** Comments of HTML, each looked at once. */
const commentsOf = (raw: string): readonly { readonly at: number; readonly inside: string }[] => {
  const found: { at: number; inside: string }[] = [];
  for (let at = raw.indexOf("<!--"); at >= 0; at = raw.indexOf("<!--", at)) {
    const end = raw.indexOf("-->", at + 4);
    if (end < 0) break;
    found.push({ at, inside: raw.slice(at + 4, end) });
    at = end + 3;
  }
  return found;
};

/** `raw` is the text as given; places are counted in it. */
export const findHidden = (raw: string): Hidden => {
  const places: Place[] = [];
  const found = (kind: Place["kind"], weight: number, at: number): void => void places.push({ kind, weight, at });
  const revealed = Array.from(raw.matchAll(tagRun), (match) => {
    found("hidden", 1, match.index);
    return fromTags(match[0]);
  });
  const split = Array.from(raw.matchAll(splitWord), (match) => match.index);
  if (split.length >= 3) for (const at of split) found("hidden", 0.6, at);
  for (const { index } of raw.matchAll(turned)) found("hidden", 0.5, index);
  for (const { at, inside } of commentsOf(raw)) {
    const words = fold(inside);
    if (words.split(" ").length <= 4) continue;
    const [named, addressed] = [toModel.test(words), spoken.test(words)];
    if (named || addressed) found("hidden", named && addressed ? 1 : named ? 0.7 : 0.5, at);
  }
  if (raw.includes("style")) for (const { index } of raw.toLowerCase().matchAll(unseen)) found("hidden", 0.5, index);
  return { places, revealed };
};

const blob = /(?<![\w+/=-])[A-Za-z0-9+/_-]{24,}={0,2}/gu;
const mostDecoded = 20_000;

export interface Decoded {
  readonly at: number;
  readonly text: string;
}

/** The blobs of base64 that hold text: nine of ten characters printable, and words among them. */
export const decodeBlobs = (raw: string): readonly Decoded[] => {
  const found: Decoded[] = [];
  let budget = mostDecoded;
  for (const { 0: encoded, index } of raw.matchAll(blob)) {
    if (budget <= 0) break;
    budget -= encoded.length;
    // Words and paths decode to noise; cheaper to see before decoding than after.
    if (!/[A-Z]/u.test(encoded) || !/[a-z]/u.test(encoded)) continue;
    const text = Buffer.from(encoded.slice(0, mostDecoded), "base64").toString("utf8");
    const readable = text.match(/[\p{L}\p{N}\p{P}\p{Zs}\n]/gu)?.length ?? 0;
    if (readable >= text.length * 0.95 && /\p{L}{2,} \p{L}{2,}/u.test(text) && !text.includes("\ufffd"))
      found.push({ at: index, text });
  }
  return found;
};
