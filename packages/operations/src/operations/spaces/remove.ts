import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { spaceReference } from "../../schemas/space.ts";
import { isDefaultSpace, recordOf } from "../../space-record.ts";

export const removeSpace = defineOperation({
  name: "spaces.remove",
  summary: "Delete a space",
  description: "Deletes a space with everything in it, for good. The default space cannot be deleted.",
  input: z.object({ space: spaceReference }),
  output: z.object({ success: z.boolean(), id: z.string() }),
  permission: "spaces:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, input) => {
    const record = await recordOf(context, input.space);
    const { id, move } = record;
    if (isDefaultSpace(record)) throw new CairnError("request.invalid", "The default space cannot be deleted.");
    // Its rows would go from one cell, and arrive in the other.
    if (move !== null) {
      throw new CairnError("storage.busy", "The space is being moved to another cell; try again when that is done.", {
        retryAfterMs: 10_000,
      });
    }
    // In this order a failure in between leaves an empty space that can be deleted again, never lost data.
    await context.engine.drop(id);
    await context.directory.remove(id, context.note);
    return { success: true, id };
  },
});
