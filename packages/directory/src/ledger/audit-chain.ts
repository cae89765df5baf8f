/**
 * The chain of an organisation's audit (TEN-8): each entry's hash covers the entry, its position and the hash before it,
 * so that nothing can be changed, taken out, put in or moved without all later hashes changing. What a chain cannot show
 * by itself is that its end was cut off; for that a head is kept elsewhere and asked for again (`verifyLinks`).
 *
 * hash(n) = SHA-256(hash(n - 1) || canonical(entry, n)), hash(0) = SHA-256("cairn audit 1\n" || the organisation's id).
 */
import { createHash } from "node:crypto";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";

export interface ChainHead {
  /** How many entries there are up to here; 0: none. */
  readonly seq: number;
  /** Hexadecimal. */
  readonly hash: string;
}

/** An entry at its place. */
export interface ChainLink extends ChainHead {
  readonly entry: AuditEntry;
}

const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/**
 * The text that is hashed: JSON (RFC 8259, as JSON.stringify writes it) of a list in a fixed order, which begins with the
 * version of this form. A list has no names whose order could differ.
 */
export const canonical = (entry: AuditEntry, seq: number): string =>
  JSON.stringify([
    1,
    seq,
    entry.id,
    entry.at,
    entry.organisation,
    entry.principal,
    entry.credential,
    entry.key,
    entry.instance,
    entry.operation,
    entry.kind,
    entry.outcome,
    entry.code,
    entry.spaces,
    entry.subjects,
    entry.address,
    entry.requestId,
  ]);

/** What the first entry of an organisation follows. */
export const firstHead = (organisation: string): ChainHead => ({
  seq: 0,
  hash: sha256(`cairn audit 1\n${organisation}`),
});

/** The head after `entry` follows `head`. */
export const linkAfter = ({ seq, hash }: ChainHead, entry: AuditEntry): ChainLink => {
  const next = seq + 1;
  return { seq: next, hash: sha256(Buffer.from(hash, "hex"), canonical(entry, next)), entry };
};

/** `41:9f86…`: as people keep a head elsewhere. */
export const showHead = ({ seq, hash }: ChainHead): string => `${seq}:${hash}`;

/** Null for what is none. */
export const parseHead = (text: string): ChainHead | null => {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/u.exec(text);
  return match === null ? null : { seq: Number(match[1]), hash: match[2]! };
};

export type ChainProblem =
  /** An entry, or its hash, is not what it was. */
  | "changed"
  /** Entries are missing, doubled or out of order. */
  | "gap"
  /** Of another organisation. */
  | "foreign"
  /** The chain ends before its head, or a head that was kept elsewhere is not in it. */
  | "truncated";

export interface ChainReport {
  /** Null: all that was looked at is whole. */
  readonly problem: ChainProblem | null;
  /** The first position where it is not. */
  readonly at: number | null;
  /** Up to where the chain is whole. */
  readonly whole: ChainHead;
}

/** Whether `links` follow `after` one by one. */
export const verifyLinks = (organisation: string, after: ChainHead, links: Iterable<ChainLink>): ChainReport => {
  let whole = after;
  const broken = (problem: ChainProblem): ChainReport => ({ problem, at: whole.seq + 1, whole });
  for (const { seq, hash, entry } of links) {
    if (seq !== whole.seq + 1) return broken("gap");
    if (entry.organisation !== organisation) return broken("foreign");
    const right = linkAfter(whole, entry);
    if (right.hash !== hash) return broken("changed");
    whole = { seq, hash };
  }
  return { problem: null, at: null, whole };
};
