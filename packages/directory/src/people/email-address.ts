/**
 * Addresses of mail as they are kept and compared: in lower case, the domain in ASCII (RFC 5891). What comes before the @
 * is not changed otherwise, since providers differ in what they take for the same mailbox.
 *
 * Only what every server of mail takes is an address: letters, digits and a few signs (a subset of the dot-atoms of
 * RFC 5322 §3.4.1), so that none can be read as two, or as a part of a header.
 */
import { domainToASCII } from "node:url";

/** RFC 5321 §4.5.3.1: 64 octets before the @, 254 in all. */
const mostLocal = 64;
const most = 254;

/** Null: not an address that mail could be sent to. */
export const normalEmail = (given: string): string | null => {
  const email = given.trim();
  if (email.length > most) return null;
  const at = email.lastIndexOf("@");
  const written = email.slice(0, Math.max(0, at));
  // Lower case makes letters of ASCII of some that are none: U+212A, the sign of Kelvin, becomes k.
  if (!/^[!-~]+$/u.test(written)) return null;
  const local = written.toLowerCase();
  if (local.length > mostLocal || !/^[a-z0-9_'+-]+(?:\.[a-z0-9_'+-]+)*$/u.test(local)) return null;
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(email.slice(at + 1))) return null;
  const domain = domainToASCII(email.slice(at + 1));
  const normal = `${local}@${domain}`;
  const isDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/u.test(domain);
  return isDomain && /[a-z0-9_+-]$/u.test(local) && normal.length <= most ? normal : null;
};
