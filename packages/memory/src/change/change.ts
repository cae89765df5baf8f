/**
 * The log of a space: one change a write, in the same transaction as the rows that it alters. History, as-of recall,
 * the activity feed and sync all read it. A change carries its causality from the start: its dot (which replica, and
 * that replica's how-manieth change), a hybrid logical time, and for each field the dots of the values it replaces,
 * so that replicas can merge without asking a clock (Shapiro et al. 2011, multi-value register).
 */
import type { HybridTime } from "@cairn/kernel/hybrid-clock";
import type { Millis } from "@cairn/kernel/clock";
import type { JsonValue } from "../memory/memory.ts";

/** Which replica made a change, and the how-manieth of that replica it is, from 1. */
export interface Dot {
  readonly replica: string;
  readonly counter: number;
}

export type ChangeKind =
  | "create"
  | "update"
  | "supersede"
  | "delete"
  | "restore"
  | "release"
  | "purge"
  | "session"
  | "repair";

export interface FieldChange {
  readonly value: JsonValue;
  /** The dots of the values that the writer saw and replaced; empty for a first value. */
  readonly overwrites: readonly Dot[];
}

export interface Change {
  /** Position in this space's log, from 1. */
  readonly seq: number;
  readonly dot: Dot;
  readonly clock: HybridTime;
  readonly at: Millis;
  readonly kind: ChangeKind;
  /** The memory, or the session, that changed. */
  readonly subject: string;
  /** The subject's version after the change; 0 for sessions. */
  readonly version: number;
  /** Who did it, and through which agent. */
  readonly principal: string;
  readonly agent: string;
  readonly fields: Readonly<Record<string, FieldChange>>;
}
