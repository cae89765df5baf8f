import { toRfc3339 } from "@cairn/kernel/clock";
import { z } from "zod";
import { unknownSession } from "../../not-found.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { parsePosition, positionCursor } from "../../schemas/position.ts";
import { nextCursor, wholeOr } from "../../schemas/common.ts";
import { sessionId } from "../../schemas/fields.ts";
import { shownInstant } from "../../schemas/instant.ts";
import { inSpace } from "../../schemas/space.ts";

export const sessionMessages = defineOperation({
  name: "sessions.messages",
  summary: "Read a conversation",
  description: "The messages of a session in order, page by page.",
  input: z.object({
    sessionId,
    limit: wholeOr("limit", 1, 1_000, 100),
    cursor: positionCursor.nullish(),
    ...inSpace,
  }),
  output: z.object({
    sessionId: z.string(),
    messages: z.array(
      z.object({ role: z.string(), content: z.string(), timestamp: shownInstant("When it was said, or taken in.") }),
    ),
    cursor: nextCursor,
  }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const reader = context.engine.read(await context.space(input.space));
    const after = parsePosition(input.cursor);
    // One more than asked for tells whether there is a next page.
    const found = await reader.sessionMessages(input.sessionId, after, input.limit + 1);
    if (found.length === 0 && after === 0) throw unknownSession();
    return {
      sessionId: input.sessionId,
      messages: found
        .slice(0, input.limit)
        .map(({ role, content, at }) => ({ role, content, timestamp: toRfc3339(at) })),
      cursor: found.length > input.limit ? String(after + input.limit) : null,
    };
  },
});
