import { randomFillSync } from "node:crypto";

/** A UUID of version 7 (RFC 9562 §5.7): sorts by the time it was made, in lower case with dashes. */
export type Uuid = string;

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export const isUuid = (text: string): boolean => pattern.test(text);

/**
 * Makes ids that increase within one process even within one millisecond: 12 bits of `rand_a` are a counter
 * (RFC 9562 §6.2, method 1) that starts anew, at random, each millisecond; 62 bits stay random.
 */
export const makeIdSource = (now: () => number = Date.now) => {
  const pool = new Uint8Array(8 * 256);
  let used = pool.length;
  let last = 0;
  let counter = 0;
  return (): Uuid => {
    if (used + 8 > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const at = used;
    used += 8;
    const byte = (index: number): number => pool[at + index] ?? 0;
    const time = Math.max(now(), last);
    if (time > last) {
      last = time;
      counter = (byte(0) << 2) | (byte(1) & 3);
    } else if (++counter > 0xfff) {
      last += 1;
      counter = 0;
    }
    const high = Math.floor(last / 0x10000)
      .toString(16)
      .padStart(8, "0");
    const low = (last % 0x10000).toString(16).padStart(4, "0");
    const variant = hex[0x80 | ((byte(0) >> 2) & 0x3f)];
    const tail = `${hex[byte(2)]}${hex[byte(3)]}${hex[byte(4)]}${hex[byte(5)]}${hex[byte(6)]}${hex[byte(7)]}`;
    return `${high}-${low}-7${counter.toString(16).padStart(3, "0")}-${variant}${hex[byte(1)]}-${tail}`;
  };
};

export const newId = makeIdSource();
