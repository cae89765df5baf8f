import { setTimeout } from "node:timers/promises";
import { CairnError } from "@cairn/kernel/error";
import type { SessionIngest } from "@cairn/memory/space/engine";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import { embedForStorage } from "../../embedding.ts";
import { originalEngine } from "../../guarded-engine.ts";
import { defineOperation } from "../../operation.ts";
import { sessionId } from "../../schemas/fields.ts";
import { instant } from "../../schemas/instant.ts";
import { inSpace } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";
import { inTurn } from "../../turns.ts";

const mostMessages = 10_000;
const messageCharacters = 1_000_000;
/** Calls of this process take turns; only another process can grow the session between plan and write. */
const attempts = 20;
const longestPauseMs = 40;

const size = (issue: { readonly input?: unknown }): string =>
  `messages must be at most ${mostMessages}; these are ${Array.isArray(issue.input) ? issue.input.length : 0}`;

const message = z.object({
  role: text({ name: "role", max: 100, describe: "Who spoke: user, assistant, system, tool, …" }),
  content: text({ name: "content", max: messageCharacters, min: 0, describe: "What was said." }),
  timestamp: instant("timestamp", "When it was said; now when absent").nullish(),
});

export const ingestSession = defineOperation({
  name: "sessions.ingest",
  summary: "Take in a conversation",
  description:
    "Adds messages to a session's transcript and makes them searchable. Send the whole conversation again or only " +
    "what is new: each message is taken in once.",
  input: z.object({
    sessionId,
    messages: z
      .array(z.unknown(), "messages must be a list")
      .max(mostMessages, { error: size, abort: true })
      .pipe(z.array(message)),
    instanceId: text({ name: "instance_id", max: 255, describe: "The agent that held the conversation." }).nullish(),
    ...inSpace,
  }),
  output: z.object({
    success: z.boolean(),
    chunksCreated: z.int(),
    messagesProcessed: z.int(),
    error: z.string().nullable(),
  }),
  permission: "memories:write",
  audit: "write",
  usage: (_input, output) => ({ embeddings: output.chunksCreated }),
  expects: ({ messages }) => ({ embeddings: messages.length }),
  run: async (context, input) => {
    const space = await context.space(input.space);
    const now = context.clock();
    const ingest: SessionIngest = {
      sessionId: input.sessionId,
      // Whoever is bound to an agent cannot say that it was another.
      instanceId: context.caller.identity.instance ?? input.instanceId ?? context.caller.instance,
      messages: input.messages.map(({ role, content, timestamp }) => ({
        role,
        content,
        at: timestamp ?? now,
        timed: !absent(timestamp),
      })),
    };
    if (ingest.messages.length === 0) return { success: true, chunksCreated: 0, messagesProcessed: 0, error: null };
    const reader = context.engine.read(space);
    const writer = context.engine.write(space, actorOf(context));
    return inTurn(originalEngine(context.engine), JSON.stringify([space, ingest.sessionId]), async () => {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const texts = await reader.planSession(ingest);
        const passages = texts.map((content) => ({ content, author: null, occurredAt: null }));
        const { vectors, vectorModel } = await embedForStorage(context, space, passages);
        const outcome = await writer.ingestSession(
          ingest,
          new Map(texts.map((content, index) => [content, vectors[index] ?? []])),
          vectorModel,
        );
        if (outcome.status === "ingested") {
          const { chunksCreated, messagesProcessed } = outcome;
          return { success: true, chunksCreated, messagesProcessed, error: null };
        }
        await setTimeout(Math.random() * longestPauseMs);
      }
      throw new CairnError("storage.busy", "The session keeps growing while it is taken in; send the messages again.", {
        retryAfterMs: 1_000,
      });
    });
  },
});
