/** Grants on spaces in requests and answers. */
import type { SpaceGrant } from "@cairn/directory/organisations/organisation-directory";
import { toRfc3339 } from "@cairn/kernel/clock";
import { spaceActions } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { shownInstant } from "./instant.ts";
import { text } from "./text.ts";

export const grantee = text({
  name: "principal",
  max: 400,
  describe: "Who: `user:<id>`, `key:<id>` of a key that belongs to nobody, or `external:<provider>:<subject>`.",
});

const action = z.enum(spaceActions, "an action must be read, write, delete or manage");
export const grantedActions = z
  .array(action, "actions must be a list")
  .max(spaceActions.length, "actions must name each of read, write, delete and manage once at most")
  .meta({ description: "Exactly what it may do to the space, whatever its role; an empty list shuts it out." });

export const grant = z.object({
  space: z.string(),
  principal: z.string(),
  actions: z.array(action),
  createdAt: shownInstant("When it was given."),
  createdBy: z.string(),
});

export const showGrant = (given: SpaceGrant): z.output<typeof grant> => ({
  space: given.space,
  principal: given.principal,
  actions: [...given.actions],
  createdAt: toRfc3339(given.createdAt),
  createdBy: given.createdBy,
});
