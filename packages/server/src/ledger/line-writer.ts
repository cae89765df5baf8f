/**
 * Records on their way to the spool. What the spool does not take (the disk is full, too much waits) is kept in memory
 * and tried again; until it is written, `trouble` says why, and no more calls are to be begun.
 */
import { toCairnError, type CairnError } from "@cairn/kernel/error";
import { type SpoolRecord, spoolLine } from "./spool-record.ts";

export interface LineWriter {
  /** What keeps it from being written; null: it is. */
  readonly write: (record: SpoolRecord) => CairnError | null;
  /** Writes what could not be written before. */
  readonly retry: () => void;
  readonly trouble: () => CairnError | null;
  readonly unsaved: () => number;
}

/** Those of calls that were under way when the trouble began; new ones are refused. */
const mostUnsaved = 10_000;

export const makeLineWriter = ({
  append,
  failed,
}: {
  readonly append: (line: string) => void;
  readonly failed: (error: unknown) => void;
}): LineWriter => {
  const unsaved: string[] = [];
  let trouble: CairnError | null = null;

  const retry = (): void => {
    try {
      for (let line = unsaved[0]; line !== undefined; line = unsaved[0]) {
        append(line);
        unsaved.shift();
      }
      trouble = null;
    } catch (error) {
      trouble = toCairnError(error);
    }
  };

  return {
    write: (record) => {
      const line = spoolLine(record);
      const before = trouble;
      // In the order in which things happened.
      if (unsaved.length > 0) retry();
      if (unsaved.length === 0) {
        try {
          append(line);
          trouble = null;
          return null;
        } catch (error) {
          trouble = toCairnError(error);
        }
      }
      if (unsaved.length < mostUnsaved) unsaved.push(line);
      if (before === null && trouble !== null) failed(trouble);
      return trouble;
    },
    retry,
    trouble: () => trouble,
    unsaved: () => unsaved.length,
  };
};
