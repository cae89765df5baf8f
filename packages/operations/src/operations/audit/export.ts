import { showHead } from "@cairn/directory/ledger/audit-chain";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { auditLink, showLink, shownHead } from "../../schemas/audit.ts";
import { nextCursor, whole, wholeOr } from "../../schemas/common.ts";
import { parsePosition, positionCursor } from "../../schemas/position.ts";

export const exportAudit = defineOperation({
  name: "audit.export",
  summary: "Export the audit",
  description:
    "The organisation's chain in its order, with hashes, page by page. Write each entry as a line of JSON: the file can be verified without a server.",
  input: z.object({
    cursor: positionCursor.nullish(),
    from: whole("from", 1, 1e15).nullish().meta({ description: "The first position; absent: the beginning." }),
    to: whole("to", 1, 1e15).nullish().meta({ description: "The last position; absent: the end." }),
    limit: wholeOr("limit", 1, 1_000, 500),
  }),
  output: z.object({
    entries: z.array(auditLink),
    after: shownHead("What the first of these follows").nullable(),
    head: shownHead("The end of the chain: keep it elsewhere, so that a chain cut off later shows"),
    cursor: nextCursor,
  }),
  permission: "audit:read",
  audit: "read",
  usage: noUsage,
  subjects: () => [],
  run: async ({ organisation, tenants: { ledger } }, { cursor, from, to, limit }) => {
    const after = Math.max(parsePosition(cursor), (from ?? 1) - 1);
    // What is appended meanwhile is for the next export: of the head that is shown, all is there.
    const head = await ledger.head(organisation);
    const until = Math.min(head.seq, to ?? head.seq);
    const wanted = Math.min(limit, until - after);
    const links = wanted <= 0 ? [] : await ledger.links(organisation, after, wanted);
    const own = links.filter(({ seq }) => seq <= until);
    const last = own.at(-1)?.seq ?? until;
    const before = await ledger.headAt(organisation, after);
    return {
      entries: own.map(showLink),
      after: before === null ? null : showHead(before),
      head: showHead(head),
      cursor: last < until ? String(last) : null,
    };
  },
});
