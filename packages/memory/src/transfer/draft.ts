/** What every import format is turned into, before anything is stored. */
import type { Millis } from "@cairn/kernel/clock";
import type { MemoryFields } from "../memory/memory.ts";

/** A memory to be: its content, and whatever else its source knew. Limits are checked where it is stored. */
export interface ImportDraft extends Partial<MemoryFields> {
  readonly content: string;
  readonly id?: string;
  readonly sourceInstance?: string;
  readonly createdAt?: Millis;
  readonly updatedAt?: Millis;
  readonly version?: number;
  readonly supersedes?: string | null;
}

/** One thing that could not be taken over; the rest of the import goes on. Holds no content. */
export interface ImportProblem {
  /** Such as `line 12` or `entries.3.tags`. */
  readonly where: string;
  /** The record's id, when it could be read. */
  readonly id: string | null;
  readonly message: string;
}
