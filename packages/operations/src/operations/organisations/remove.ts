import type { SpaceRecord } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { z } from "zod";
import { originalEngine } from "../../guarded-engine.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { organisationFor } from "../../organisation-access.ts";
import { organisationReference } from "../../schemas/organisation.ts";

const refuseMoving = (spaces: readonly SpaceRecord[]): void => {
  if (spaces.every(({ move }) => move === null)) return;
  throw new CairnError("storage.busy", "A space of it is being moved to another cell; try again when that is done.", {
    retryAfterMs: 10_000,
  });
};

export const removeOrganisation = defineOperation({
  name: "organisations.remove",
  summary: "Delete an organisation",
  description:
    "Deletes an organisation with its spaces and everything in them, its members, invitations, keys and grants, for good. People keep their accounts. For administrators of the server.",
  input: z.object({ id: organisationReference }),
  output: z.object({ success: z.boolean(), id: z.string() }),
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, input) => {
    const { organisations } = context.tenants;
    const { directory, note } = context;
    const { id, defaultSpace } = await organisationFor(context, input.id);
    if (id === homeOrganisation) throw new CairnError("request.invalid", "The home organisation cannot be deleted.");
    refuseMoving(await directory.list(id));
    // Nobody makes or fills a space meanwhile. What fails in between leaves it suspended, to be deleted again.
    await organisations.update(id, { status: "suspended" });
    const engine = originalEngine(context.engine);
    for (const space of await directory.list(id)) {
      // As in `spaces.remove`: an empty space may be left behind, lost data never.
      await engine.drop(space.id);
      if (space.id !== defaultSpace) await directory.remove(space.id);
    }
    await organisations.remove(id, note);
    return { success: true, id };
  },
});
