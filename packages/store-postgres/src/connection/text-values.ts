/**
 * PostgreSQL's text cannot hold U+0000. Where a text has one it is written as two characters, of which the first is a
 * noncharacter that no text should hold (Unicode 16, §23.7); where a text holds that one, it is doubled. Lossless.
 */
const mark = "\u{10FFFE}";
const special = new RegExp(`[\0${mark}]`, "gu");
const written = new RegExp(`${mark}[0${mark}]`, "gu");

export const toPostgresText = (text: string): string => {
  const sound = text.isWellFormed() ? text : text.toWellFormed();
  if (!sound.includes("\0") && !sound.includes(mark)) return sound;
  return sound.replace(special, (found) => (found === "\0" ? `${mark}0` : mark + mark));
};

export const fromPostgresText = (text: string): string =>
  text.includes(mark) ? text.replace(written, (found) => (found === `${mark}0` ? "\0" : mark)) : text;
