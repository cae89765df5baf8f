/**
 * What an API key looks like: `cairn_live_<id>_<secret><checksum>`. The prefix lets scanners of leaked secrets recognise
 * one; the checksum lets them, and us, tell a key from something that only looks like one, without asking anything.
 *
 * The id (20 characters) names the key in the directory and in logs. The secret (43 characters of 62, a little more than
 * 256 bits, each character equally likely) is kept nowhere. The checksum is the CRC-32 of everything before it.
 */
import { randomFillSync } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** How every credential of ours begins. */
export const keyPrefix = "cairn_";
const kind = `${keyPrefix}live_`;
const lengths = { id: 20, secret: 43, checksum: 6 } as const;
export const keyLength = kind.length + lengths.id + 1 + lengths.secret + lengths.checksum;

const idPattern = /^[0-9A-Za-z]{20}$/u;
const keyPattern = /^cairn_live_([0-9A-Za-z]{20})_[0-9A-Za-z]{49}$/u;

export interface MintedKey {
  readonly id: string;
  /** The whole key, to be shown once. */
  readonly key: string;
}

/** Fills the bytes at random. */
export type FillRandom = (bytes: Uint8Array) => void;

/** Bytes that would make some characters likelier than others are thrown away. */
const even = 256 - (256 % alphabet.length);

const randomText = (length: number, fill: FillRandom): string => {
  let text = "";
  const bytes = new Uint8Array(2 * length);
  while (text.length < length) {
    fill(bytes);
    for (const byte of bytes) if (byte < even && text.length < length) text += alphabet[byte % alphabet.length];
  }
  return text;
};

const checksumOf = (text: string): string => {
  let rest = crc32(text);
  let shown = "";
  for (let at = 0; at < lengths.checksum; at += 1) {
    shown = `${alphabet[rest % alphabet.length]}${shown}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return shown;
};

/** A new key. `fill`: cryptographic randomness when absent. */
export const mintKey = (fill: FillRandom = (bytes) => void randomFillSync(bytes)): MintedKey => {
  const id = randomText(lengths.id, fill);
  const body = `${kind}${id}_${randomText(lengths.secret, fill)}`;
  return { id, key: `${body}${checksumOf(body)}` };
};

/** The id of a whole key; null for whatever is none. Costs the same few microseconds however long `given` is. */
export const keyIdOf = (given: string): string | null => {
  if (given.length !== keyLength) return null;
  const id = keyPattern.exec(given)?.[1];
  if (id === undefined) return null;
  const end = keyLength - lengths.checksum;
  return checksumOf(given.slice(0, end)) === given.slice(end) ? id : null;
};

export const isKeyId = (given: string): boolean => idPattern.test(given);
