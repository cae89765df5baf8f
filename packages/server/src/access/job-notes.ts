/**
 * What the server itself does to a space, without anyone calling, in the audit (TEN-8): memories that extraction finds,
 * what expires and is erased. The principal is `cairn`.
 */
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";

export type JobOperation = "jobs.extract" | "jobs.sweep";

/** Undefined where nothing is audited. */
export type NoteOfJob = (space: string, operation: JobOperation) => Promise<AuditEntry | undefined>;

export interface JobNotesOptions {
  readonly signsIn: () => Promise<boolean>;
  readonly directory: Pick<SpaceDirectory, "resolve">;
  readonly clock: Clock;
  readonly instance: string;
}

export const makeNoteOfJob =
  ({ signsIn, directory, clock, instance }: JobNotesOptions): NoteOfJob =>
  async (space, operation) => {
    if (!(await signsIn())) return undefined;
    const id = newId();
    return {
      id,
      at: clock(),
      organisation: (await directory.resolve(space))?.organisation ?? homeOrganisation,
      principal: "cairn",
      credential: "none",
      key: null,
      instance,
      operation,
      kind: "write",
      outcome: "ok",
      code: null,
      spaces: [space],
      subjects: [],
      address: null,
      requestId: id,
    };
  };
