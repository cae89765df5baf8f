/**
 * Cookies of accounts, as better-auth writes them: `<value>.<HMAC-SHA256 of it, base64>`, percent-encoded. They are
 * signed with the newest secret. One that was signed with an older secret, which the server still has, is good too: it is
 * signed anew before better-auth sees it, so that a change of secrets signs nobody out.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secrets } from "../auth/secrets.ts";
import { sessionSecret } from "./session-secret.ts";

const mostCookies = 16_384;

/** `__Host-`: for this host alone, over TLS alone, on all paths. Without TLS browsers do not take it. */
export const cookiePrefix = (origin: string): string => (origin.startsWith("https://") ? "__Host-cairn" : "cairn");

export const sessionCookie = (origin: string): string => `${cookiePrefix(origin)}.session_token`;

const signatureOf = (value: string, secret: string): Buffer => createHmac("sha256", secret).update(value).digest();

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

const cookiesOf = (header: string | null): readonly (readonly [name: string, value: string])[] => {
  if (header === null || header.length > mostCookies) return [];
  return header.split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) return [];
    const value = decoded(pair.slice(at + 1).trim());
    return value === null ? [] : [[pair.slice(0, at).trim(), value] as const];
  });
};

export interface CookieReader {
  /** What the cookie of this name holds; null where it is not there or was not signed by this server. */
  readonly read: (header: string | null, name: string) => string | null;
  /** The accounts' cookies of a request, all signed with the newest secret, but for one; null where there are none. */
  readonly renewed: (header: string | null, prefix: string, without: string | null) => string | null;
}

export const makeCookieReader = (secrets: Secrets): CookieReader => {
  const known = secrets.all.map(sessionSecret);
  const current = sessionSecret(secrets.current);
  const verified = (cookie: string): string | null => {
    const at = cookie.lastIndexOf(".");
    const signature = Buffer.from(cookie.slice(at + 1), "base64");
    if (at < 1 || signature.length !== 32) return null;
    const value = cookie.slice(0, at);
    return known.some((secret) => timingSafeEqual(signatureOf(value, secret), signature)) ? value : null;
  };
  return {
    read: (header, name) => {
      // Of two of one name the first counts, as for better-auth's own reader of a `Map`'s first entry.
      const found = cookiesOf(header).find(([one]) => one === name);
      return found === undefined ? null : verified(found[1]);
    },
    renewed: (header, prefix, without) => {
      const pairs = cookiesOf(header).flatMap(([name, value]) => {
        if (!name.startsWith(`${prefix}.`) || name === without) return [];
        const content = verified(value);
        if (content === null) return [];
        return [`${name}=${encodeURIComponent(`${content}.${signatureOf(content, current).toString("base64")}`)}`];
      });
      return pairs.length === 0 ? null : pairs.join("; ");
    },
  };
};
