import { toRfc3339 } from "@cairn/kernel/clock";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { parsePosition, positionCursor } from "../../schemas/position.ts";
import { wholeOr } from "../../schemas/common.ts";
import { changeKind } from "../../schemas/change-kind.ts";
import { shownInstant } from "../../schemas/instant.ts";
import { inSpace } from "../../schemas/space.ts";
import { wireName } from "../../wire.ts";

const change = z.object({
  seq: z.int().meta({ description: "Position in the space's log." }),
  kind: changeKind,
  subject: z.string().meta({ description: "The memory or the session that changed." }),
  version: z.int(),
  at: shownInstant("When it changed."),
  principal: z.string(),
  agent: z.string(),
  fields: z.array(z.string()).meta({ description: "Names of the fields that changed, as on the wire." }),
});

export const listChanges = defineOperation({
  name: "changes.list",
  summary: "Follow what changes",
  description: "A space's changes, oldest first. Keep the cursor and ask again later: it goes on where you stopped.",
  input: z.object({ cursor: positionCursor.nullish(), limit: wholeOr("limit", 1, 1_000, 100), ...inSpace }),
  output: z.object({
    changes: z.array(change),
    cursor: z.string().meta({ description: "Goes on after the last of these, now or later." }),
    hasMore: z.boolean(),
  }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const reader = context.engine.read(await context.space(input.space));
    const after = parsePosition(input.cursor);
    // One more than asked for tells whether there are more.
    const found = await reader.changes(after, input.limit + 1);
    const page = found.slice(0, input.limit);
    return {
      changes: page.map(({ seq, kind, subject, version, at, principal, agent, fields }) => ({
        seq,
        kind,
        subject,
        version,
        at: toRfc3339(at),
        principal,
        agent,
        fields: Object.keys(fields).map(wireName),
      })),
      cursor: String(page.at(-1)?.seq ?? after),
      hasMore: found.length > page.length,
    };
  },
});
