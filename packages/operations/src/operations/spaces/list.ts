import type { SpaceRecord } from "@cairn/directory/space-directory";
import { decide } from "@cairn/memory/permission/decide";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { showSpace, space } from "../../schemas/space.ts";

export const listSpaces = defineOperation({
  name: "spaces.list",
  summary: "List spaces",
  description: "The spaces you may use, by name.",
  input: z.object({}),
  output: z.object({ spaces: z.array(space) }),
  permission: "spaces:read",
  audit: "read",
  usage: noUsage,
  run: async ({ caller: { identity }, directory, tenants, organisation }) => {
    const records = await directory.list(organisation);
    const isLocal = identity.principal === "local";
    const granted = isLocal ? [] : await tenants.organisations.grantsTo(organisation, identity.principal);
    const bySpace = new Map(granted.map((grant) => [grant.space, [grant]]));
    const mayRead = (record: SpaceRecord): boolean =>
      decide(identity, "read", record, bySpace.get(record.id) ?? []).allowed;
    return { spaces: records.filter(mayRead).map(showSpace) };
  },
});
