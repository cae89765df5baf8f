import { auditKinds, auditOutcomes } from "@cairn/memory/audit/audit-entry";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { auditLink, showLink } from "../../schemas/audit.ts";
import { cursor, nextCursor, present, wholeOr } from "../../schemas/common.ts";
import { instant } from "../../schemas/instant.ts";
import { spaceReference } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";

const named = (name: string, describe: string) => text({ name, max: 300, trim: true, describe }).nullish();

export const listAudit = defineOperation({
  name: "audit.list",
  summary: "List what was done",
  description:
    "The organisation's audit by time, page by page: who did what, from where, and how it ended. A page may be empty and there be more: go on while there is a cursor.",
  input: z.object({
    from: instant("from", "Happened then or later").nullish(),
    to: instant("to", "Happened then or earlier").nullish(),
    principal: named("principal", "Who did it, such as user:… or key:…"),
    operation: named("operation", "What was done, such as memories.remember."),
    kind: z.enum(auditKinds, `kind must be one of ${auditKinds.join(", ")}`).nullish(),
    outcome: z.enum(auditOutcomes, `outcome must be one of ${auditOutcomes.join(", ")}`).nullish(),
    space: spaceReference.nullish().meta({ description: "A space that was used, also one that is gone, by its id." }),
    key: named("key", "The id of the key that was used."),
    subject: named("subject", "The id of what was acted on."),
    order: z.enum(["newest", "oldest"], "order must be newest or oldest").nullish().meta({ default: "newest" }),
    limit: wholeOr("limit", 1, 1_000, 100),
    cursor: cursor.nullish(),
  }),
  output: z.object({ entries: z.array(auditLink), cursor: nextCursor }),
  permission: "audit:read",
  audit: "read",
  usage: noUsage,
  subjects: () => [],
  run: async ({ organisation, directory, tenants }, { order, limit, cursor: at, space, ...filter }) => {
    const record = absent(space) ? null : await directory.resolve(space, organisation);
    const page = await tenants.ledger.entries({
      ...present({ ...filter, space: record?.id ?? space }),
      organisation,
      order: order ?? "newest",
      limit,
      cursor: at ?? null,
    });
    return { entries: page.links.map(showLink), cursor: page.cursor };
  },
});
