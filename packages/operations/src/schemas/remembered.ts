/** What became of one memory that was to be stored. */
import type { RememberOutcome } from "@cairn/memory/space/engine";
import { z } from "zod";

export const remembered = z.object({
  success: z.boolean(),
  status: z.enum(["stored", "updated", "duplicate", "skipped", "failed"]),
  memoryId: z.string().nullable(),
  duplicateOf: z.string().nullable().meta({ description: "The memory that says the same; nothing was stored." }),
  version: z.int().nullable(),
  conflicts: z.array(z.string()).meta({ description: "Memories that say otherwise about the same thing." }),
  error: z.string().nullable(),
  code: z.string().nullable().meta({ description: "The stable code of the error." }),
});
export type Remembered = z.output<typeof remembered>;

const nothing = { memoryId: null, duplicateOf: null, version: null, conflicts: [], error: null, code: null } as const;

export const showOutcome = (outcome: RememberOutcome): Remembered => {
  switch (outcome.status) {
    case "stored":
    case "updated": {
      const { id, version } = outcome.memory;
      const { status, conflicts } = outcome;
      return { ...nothing, success: true, status, memoryId: id, version, conflicts: [...conflicts] };
    }
    case "duplicate":
      return { ...nothing, success: false, status: "duplicate", duplicateOf: outcome.duplicateOf, conflicts: [] };
    case "skipped":
      return { ...nothing, success: true, status: "skipped", memoryId: outcome.id, conflicts: [] };
    case "failed": {
      const { message, code } = outcome.error;
      return { ...nothing, success: false, status: "failed", error: message, code, conflicts: [] };
    }
  }
};
