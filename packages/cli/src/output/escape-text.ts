/**
 * Text from memories, files and errors on its way to a terminal. A memory may hold anything, also sequences that move
 * the cursor, set the clipboard or hide what follows; so whatever a terminal would obey is shown instead of sent:
 * control characters (C0, DEL, C1), and the marks that reorder text (Unicode TR 36, "bidirectional text spoofing").
 */
const dangerous =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

const shown = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
};

/** Keeps line breaks and tabs; a carriage return before a line break goes. */
export const escapeText = (text: string): string => text.replaceAll("\r\n", "\n").replace(dangerous, shown);

/** For places that are one line: breaks and tabs become spaces. */
export const escapeLine = (text: string): string => escapeText(text).replaceAll(/[\n\t]+/gu, " ");
