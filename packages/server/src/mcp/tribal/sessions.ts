import { ingestSession } from "@cairn/operations/operations/sessions/ingest";
import { parseInstant } from "@cairn/operations/schemas/instant";
import { z } from "zod";
import { adds, type McpTool } from "../tool.ts";
import { isBlank, optionalText, text, type TribalAnswer, tribalTool } from "./tribal-tool.ts";

const failure = (error: string): TribalAnswer => ({ success: false, error });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const parseMessages = (given: string): unknown => {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
};

/** A time that cannot be read becomes now: the message counts, not its clock. */
const timestampOf = (given: unknown): string | null =>
  typeof given === "string" && parseInstant(given) !== null ? given : null;

export const tribalSessionTools: readonly McpTool[] = [
  tribalTool({
    name: "tribal_sessions_ingest",
    title: "Ingest a session transcript",
    description:
      "Adds a conversation to the searchable transcripts. Send all of it again or only what is new: each message is taken " +
      'in once. messages is a JSON array: [{"role": "user", "content": "…", "timestamp": "2026-01-05T10:00:00Z"}].',
    annotations: { ...adds, idempotentHint: true },
    parameters: z.object({
      session_id: text.describe("A name for the conversation"),
      messages: z
        .union([text, z.array(z.unknown())])
        .meta({ type: "string", anyOf: undefined })
        .describe("JSON array of messages"),
      instance_id: optionalText.describe("The agent that held it"),
    }),
    failed: () => ({ success: false }),
    answer: async (
      call,
      { session_id: sessionId, messages: given, instance_id: instanceId },
    ): Promise<TribalAnswer> => {
      if (isBlank(sessionId)) return failure("session_id cannot be empty");
      const messages = typeof given === "string" ? parseMessages(given) : given;
      if (messages === undefined) return failure("Invalid messages JSON");
      if (!Array.isArray(messages)) return failure("messages must be a JSON array");
      const wrong = messages.findIndex(
        (message) => !isObject(message) || !("role" in message) || !("content" in message),
      );
      if (wrong >= 0) return failure(`Message ${wrong} must have 'role' and 'content' fields`);
      const read = (messages as readonly Readonly<Record<string, unknown>>[]).map(({ role, content, timestamp }) => ({
        role,
        content,
        timestamp: timestampOf(timestamp),
      }));
      const { success, chunksCreated, messagesProcessed } = await call(ingestSession, {
        sessionId,
        messages: read,
        instanceId,
      });
      return { success, chunks_created: chunksCreated, messages_processed: messagesProcessed };
    },
  }),
];
