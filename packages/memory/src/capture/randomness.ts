/**
 * Whether a token is too random to be a word, name, path or number. Two things are measured: Shannon's entropy of its
 * characters (bits a character) against what a random text of that length reaches, and how long its pieces are, since
 * words and identifiers consist of syllables where random characters change their kind all the time.
 */
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu;
const hexadecimal = /^(?:0x)?[0-9a-f]+$/iu;
/** Words, numbers and versions between the joints of paths, addresses and names. */
const plainPart = /^(?:[A-Za-z]?[a-z]{0,40}|[A-Z]{1,20}|v?\d{1,8}[a-z]{0,3})$/u;
/** `Hump`, `word`, `ACRONYM`, `123`. */
const pieces = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[+]/gu;

/** A random piece is about two characters long, a syllable of a name three or more. */
const longestMeanPiece = 2.7;
const leastShare = 0.78;
const shortest = 16;

/** Bits a character (Shannon 1948); 0 for an empty text. */
export const entropyOf = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

/** Hashes and ids stand in plain sight and open nothing: hexadecimal numbers and UUIDs are no secrets. */
export const isRandom = (token: string): boolean => {
  if (token.length < 20 || uuid.test(token)) return false;
  const odd = token.split(/[/._~=-]/u).filter((part) => !plainPart.test(part));
  const text = odd.join("");
  if (text.length < shortest || hexadecimal.test(text)) return false;
  if (!/\d/u.test(text) && !(/[a-z]/u.test(text) && /[A-Z]/u.test(text))) return false;
  if (text.length / (text.match(pieces)?.length ?? 1) >= longestMeanPiece) return false;
  return entropyOf(text) >= leastShare * Math.log2(Math.min(text.length, 64));
};
