/**
 * What a token says of itself, before anything is checked: enough to know who could check it, and never more. Everything
 * that a decision rests on is read from the payload whose signature was checked.
 */

export interface TokenHead {
  readonly algorithm: string;
  /** Null: none. */
  readonly kid: string | null;
  /** In lower case and without `application/`; null: none. */
  readonly type: string | null;
}

export interface UnverifiedToken {
  readonly head: TokenHead;
  readonly issuer: string;
  readonly audiences: readonly string[];
}

/** Characters of a token that is looked at; ours have some hundreds, those of providers with many groups thousands. */
export const mostTokenLength = 8_192;
const mostName = 300;
const mostAudiences = 20;

const shape = /^[\w-]+\.[\w-]+\.[\w-]+$/u;
const visible = /^[\u0021-\u007e]+$/u;

const objectIn = (part: string): Readonly<Record<string, unknown>> | null => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
};

const nameIn = (value: unknown): value is string =>
  typeof value === "string" && value.length <= mostName && visible.test(value);

const headOf = ({ alg, kid, typ, crit }: Readonly<Record<string, unknown>>): TokenHead | null => {
  // There is no extension that we understand (RFC 7515 §4.1.11).
  if (crit !== undefined || typeof alg !== "string") return null;
  if (kid !== undefined && !nameIn(kid)) return null;
  if (typ !== undefined && typeof typ !== "string") return null;
  return { algorithm: alg, kid: kid ?? null, type: typ?.toLowerCase().replace(/^application\//u, "") ?? null };
};

/** Null where it is no token that anyone here could check. */
export const readUnverified = (token: string): UnverifiedToken | null => {
  if (token.length > mostTokenLength || !shape.test(token)) return null;
  const [first = "", second = ""] = token.split(".");
  const [header, payload] = [objectIn(first), objectIn(second)];
  if (header === null || payload === null) return null;
  const head = headOf(header);
  const { iss, aud } = payload;
  const audiences: unknown = typeof aud === "string" ? [aud] : aud;
  if (head === null || !nameIn(iss) || !Array.isArray(audiences)) return null;
  if (audiences.length === 0 || audiences.length > mostAudiences || !audiences.every(nameIn)) return null;
  return { head, issuer: iss, audiences };
};
