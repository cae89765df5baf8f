/**
 * What a request shows of who makes it, and the ports of those that can read it. Each kind of credential has a reader of
 * its own: keys, tokens, sessions. `authenticator.ts` asks the right one and makes all refusals look and last alike.
 */
import type { Identity } from "@cairn/memory/permission/identity";

/** What of a request can say who makes it. */
export interface Shown {
  /** What follows `Bearer ` in the Authorization header; null without it. */
  readonly bearer: string | null;
  /** All headers, for who reads cookies. */
  readonly headers: Headers;
  /** The organisation that the caller names (`Cairn-Organisation`), by id or slug; null: its only or first one. */
  readonly organisation: string | null;
  /** Where the request came from, after trusted proxies. */
  readonly address: string | null;
  /** Whether the request may change something: cookies then need the page's own origin. */
  readonly unsafe: boolean;
}

/** Null: not good, for whatever reason. Throws storage.* where it could not be found out, organisation.suspended. */
export type CredentialReader = (shown: Shown) => Promise<Identity | null>;
