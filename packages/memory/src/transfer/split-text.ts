/** Long texts in parts that each fit into one memory. */

/** Where to cut at or before `most`: behind a blank line, else a line, else a sentence, else a word, else anywhere. */
const cutBefore = (text: string, most: number): number => {
  const least = Math.floor(most / 2);
  for (const border of ["\n\n", "\n", ". ", " "]) {
    const at = text.lastIndexOf(border, most - border.length);
    if (at >= least) return at + border.length;
  }
  const code = text.charCodeAt(most - 1);
  return code >= 0xd800 && code <= 0xdbff ? most - 1 : most;
};

/**
 * Parts of at most `most` UTF-16 units (so never more characters than that), cut at paragraph borders where there
 * are any. Joined, they are the text but for the white space at the cuts; surrogate pairs stay whole.
 */
export const splitText = (text: string, most: number): readonly string[] => {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const at = cutBefore(rest, most);
    const part = rest.slice(0, at).trimEnd();
    if (part !== "") parts.push(part);
    rest = rest.slice(at).replace(/^\s*\n/, "");
  }
  if (rest.trim() !== "") parts.push(rest);
  return parts;
};
