import { showHead } from "@cairn/directory/ledger/audit-chain";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { headText, shownHead } from "../../schemas/audit.ts";

/** Entries that one call goes through. */
const mostAtOnce = 50_000;

export const verifyAudit = defineOperation({
  name: "audit.verify",
  summary: "Verify the audit",
  description:
    "Walks the organisation's chain and says up to where it is whole. While it is not complete, ask again with `after` set to `whole_up_to`. A head that was kept elsewhere shows whether the chain was cut off.",
  input: z.object({
    head: headText("head", "A head that was kept elsewhere and must be in the chain (position:hash).").nullish(),
    after: headText("after", "Where a walk before this one ended (position:hash).").nullish(),
  }),
  output: z.object({
    whole: z.boolean().meta({ description: "Whether all that was looked at is as it was written." }),
    complete: z.boolean().meta({ description: "Whether the walk came to the end." }),
    wholeUpTo: shownHead("Up to where it is whole"),
    head: shownHead("The end of the chain: keep it elsewhere"),
    problem: z
      .enum(["changed", "gap", "foreign", "truncated"])
      .nullable()
      .meta({ description: "What is wrong at `broken_at`; null: nothing." }),
    brokenAt: z.int().nullable().meta({ description: "The first position that is not whole." }),
  }),
  permission: "audit:read",
  audit: "read",
  usage: noUsage,
  subjects: () => [],
  run: async ({ organisation, tenants }, { head: anchor, after }) => {
    const found = await tenants.ledger.verify(organisation, {
      most: mostAtOnce,
      ...(absent(after) ? {} : { after }),
      ...(absent(anchor) ? {} : { anchor }),
    });
    return {
      whole: found.problem === null,
      complete: found.complete,
      wholeUpTo: showHead(found.whole),
      head: showHead(found.head),
      problem: found.problem,
      brokenAt: found.at,
    };
  },
});
