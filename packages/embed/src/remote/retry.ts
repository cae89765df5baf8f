/** When to ask again: what the service asks for, else exponential backoff with full jitter (Brooker, AWS 2015). */
const firstMs = 500;
const mostMs = 20_000;

/** Before the attempt behind attempt `attempt`, counted from 1. */
export const backoffMs = (attempt: number, random: number): number =>
  random * Math.min(mostMs, firstMs * 2 ** (attempt - 1));

/** `Retry-After` (RFC 9110, 10.2.3) in milliseconds, from seconds or a date; null when absent or neither. */
export const retryAfterMs = (header: string | null, now: number): number | null => {
  const given = header?.trim() ?? "";
  if (/^\d{1,9}(?:\.\d{1,3})?$/u.test(given)) return Number(given) * 1_000;
  // A date in that header is in GMT and has a comma or a letter; Date.parse alone would take a lot more for one.
  if (!/^[A-Za-z]{3,9},? .*\d{4}.*$/u.test(given)) return null;
  const at = Date.parse(given);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
};

/** Statuses that may be gone next time. */
export const isPassing = (status: number): boolean =>
  status === 408 || status === 409 || status === 429 || (status >= 500 && status !== 501);
