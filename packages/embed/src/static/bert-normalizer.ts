/**
 * The first two steps of BERT-uncased tokenization: normalise, then split into words and punctuation marks
 * (Devlin et al. 2019, `BasicTokenizer`). This is the complete, slower form; `wordpiece.ts` handles plain ASCII
 * without it.
 *
 * Normalisation looks only at a character and its neighbours up to the next white space (accents compose and a
 * final sigma is decided within a word), so callers may pass one white-space-separated unit at a time.
 */

/** Control, format, private-use characters and lone surrogates, U+0000 and U+FFFD: BERT drops them. */
const dropped = /[\0\uFFFD]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const nonSpacingMarks = /\p{Mn}/gu;
const ideograph =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;
/** BERT counts all ASCII that is neither letter, digit nor space as punctuation, `$` and `+` included. */
const wordOrMark = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

/** Lower case, without accents and invisible characters, ideographs set apart by spaces. */
export const normalizeForBert = (text: string): string =>
  text.replace(dropped, "").replace(ideograph, " $& ").toLowerCase().normalize("NFD").replace(nonSpacingMarks, "");

/** Words and single punctuation marks, in order, of a normalised text. */
export const splitForBert = (normalized: string): readonly string[] => normalized.match(wordOrMark) ?? [];

/** White space beyond ASCII (Unicode Zs, Zl, Zp), by UTF-16 code unit. U+FEFF is not here: it is dropped first. */
export const isWideSpace = (code: number): boolean =>
  code === 0xa0 ||
  code === 0x1680 ||
  (code >= 0x2000 && code <= 0x200a) ||
  code === 0x2028 ||
  code === 0x2029 ||
  code === 0x202f ||
  code === 0x205f ||
  code === 0x3000;
