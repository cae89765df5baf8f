/**
 * Who calls, as the edge established it from a credential: never what a request says of itself. Everything that a
 * decision needs to know of a caller is here, so that decisions are pure.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { Role, Scope } from "./permission.ts";

/** How the caller showed who it is. */
export type Credential = "none" | "loopback" | "shell" | "session" | "key" | "token" | "provider";

export interface Identity {
  /**
   * `local` (whoever has the machine), `anonymous`, `user:<id>`, `key:<id>` (a key that belongs to no person),
   * `external:<provider>:<subject>` (a customer's own sign-in). Recorded as the writer of memories.
   */
  readonly principal: string;
  readonly credential: Credential;
  /** The organisation (tenant) that the call acts in; null: none, as for someone who has not signed in. */
  readonly organisation: string | null;
  /** There; null where the principal is no member. */
  readonly role: Role | null;
  /** All that the credential may be used for; null: all that its principal may do. */
  readonly scopes: readonly Scope[] | null;
  /** The id of the only space that the credential reaches; null: all that its principal reaches. */
  readonly space: string | null;
  /** The id of the key that was used, directly or to get a token. */
  readonly key: string | null;
  /** The agent instance that the credential is bound to; null: the server's own name stands for it. */
  readonly instance: string | null;
  /** When a token ends; absent: the credential has no end of its own that what is made with it must keep. */
  readonly until?: Millis;
  /** Administers the server, not only its organisation. */
  readonly administrator: boolean;
}

/** Organisation of everything that was made before anyone signed in, and of a laptop; it always exists. */
export const homeOrganisation = "00000000-0000-7000-8000-000000000002";

const unlimited = { scopes: null, space: null, key: null, instance: null } as const;

/** One person on one machine: everything that reaches the loopback edge or the shell without sign-in is theirs. */
export const localIdentity = (credential: "loopback" | "shell"): Identity => ({
  ...unlimited,
  principal: "local",
  credential,
  organisation: homeOrganisation,
  role: "admin",
  administrator: true,
});

/** Someone who showed no credential where one is needed. */
export const anonymousIdentity: Identity = {
  ...unlimited,
  principal: "anonymous",
  credential: "none",
  organisation: null,
  role: null,
  scopes: [],
  administrator: false,
};
