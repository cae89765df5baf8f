/**
 * The port of the directory as far as people go: who has an account, how they may sign in, and where they are signed in
 * (TEN-1). Passwords and second factors are checked by the server's accounts; here is what is kept of them. A change that
 * comes with a `note` of its call is audited in its transaction. Both databases pass `testing/src/people-conformance.ts`.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { PageOf } from "../organisations/organisation-directory.ts";

export interface Person {
  readonly id: string;
  /** `user:<id>`: how spaces, grants and the audit call the person. */
  readonly principal: string;
  readonly email: string;
  readonly name: string;
  /** Whether the person has shown that the address is theirs. */
  readonly verified: boolean;
  readonly twoFactor: boolean;
  readonly hasPassword: boolean;
  /** Null: may sign in. */
  readonly disabledAt: Millis | null;
  readonly createdAt: Millis;
}

export interface NewPerson {
  readonly email: string;
  /** 1..100 characters. */
  readonly name: string;
  /** Salt and hash; null: signs in through a provider, or sets one by mail. */
  readonly passwordHash: string | null;
  readonly verified: boolean;
}

/** Where a person is signed in. */
export interface PersonSession {
  readonly id: string;
  /** `user:<id>`. */
  readonly principal: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
}

/** Something that was sent to an address, and that shows that whoever brings it reads mail there. */
export interface Proof {
  readonly kind: "sign-up" | "reset";
  readonly email: string;
}

export interface PeopleDirectory {
  /** By principal, `user:<id>`. */
  readonly find: (principal: string) => Promise<Person | null>;
  /** In any case of letters. */
  readonly findByEmail: (email: string) => Promise<Person | null>;
  /** In the order they came. */
  readonly page: (request: PageOf) => Promise<readonly Person[]>;
  /** Throws user.exists. */
  readonly create: (person: NewPerson, note?: AuditEntry) => Promise<Person>;
  /**
   * Sets the password, ends all sessions, and where `proven` says so takes the address as verified. Throws
   * user.not_found.
   */
  readonly setPassword: (principal: string, hash: string, proven: boolean, note?: AuditEntry) => Promise<void>;
  /** Ends all sessions; nobody signs in as the person until it is enabled. Throws user.not_found. */
  readonly disable: (principal: string, note?: AuditEntry) => Promise<Person>;
  readonly enable: (principal: string, note?: AuditEntry) => Promise<Person>;
  /** Takes the second factor away and ends all sessions; without one: only the latter. Throws user.not_found. */
  readonly resetSecondFactor: (principal: string, note?: AuditEntry) => Promise<Person>;
  /**
   * Removes the account with its sessions and memberships. Throws user.not_found, and member.last_admin where an
   * organisation would be left without one.
   */
  readonly remove: (principal: string, note?: AuditEntry) => Promise<void>;

  /**
   * The session that a token stands for, of a person who may sign in; null where it ended. Remembered, and forgotten
   * within a second of its end on any server.
   */
  readonly session: (token: string) => Promise<PersonSession | null>;
  /** Those that have not expired, the newest first, at most 100. */
  readonly sessions: (principal: string) => Promise<readonly PersonSession[]>;
  /** Ends the person's session of this id, or all but this one; how many ended. */
  readonly endSessions: (
    principal: string,
    which: { readonly only: string } | { readonly except: string | null },
  ) => Promise<number>;

  /** Whether somebody invited the address, and it is still time. */
  readonly isInvited: (email: string) => Promise<boolean>;
  /** Keeps a proof under the digest of its token until then; earlier ones of the same kind and address are void. */
  readonly keepProof: (tokenHash: string, proof: Proof, until: Millis) => Promise<void>;
  /** What a token proves; null where it does not, for whatever reason. */
  readonly proofOf: (tokenHash: string) => Promise<Proof | null>;
  /** The same, once. */
  readonly useProof: (tokenHash: string) => Promise<Proof | null>;

  /** Counts one more try of `what`, on all servers: how many there were within the window, and until when it lasts. */
  readonly attempt: (what: string, windowMs: Millis) => Promise<{ readonly count: number; readonly until: Millis }>;
  /** Starts counting anew. */
  readonly forgive: (what: string) => Promise<void>;
  /** Deletes what has expired; how many rows. */
  readonly sweep: () => Promise<number>;
}
