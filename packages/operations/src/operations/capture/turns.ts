import { setImmediate } from "node:timers/promises";
import { type Decision, type Kept, makeCapture } from "@cairn/memory/capture/capture";
import { spokenText } from "@cairn/memory/capture/spoken";
import type { RememberItem } from "@cairn/memory/space/engine";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import { capturedFields } from "../../capture/items.ts";
import type { CallContext } from "../../context.ts";
import { embedForStorage } from "../../embedding.ts";
import { defineOperation } from "../../operation.ts";
import { booleanOr, whole } from "../../schemas/common.ts";
import { author, category, sessionId } from "../../schemas/fields.ts";
import { instant } from "../../schemas/instant.ts";
import { inSpace } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";
import { ingestSession } from "../sessions/ingest.ts";

const mostTurns = 1_000;
const turnCharacters = 100_000;
const mostRecalled = 500;
const recalledCharacters = 50_000;
/** Skipped sentences are shown so far. */
const shownCharacters = 300;

const tooMany = (issue: { readonly input?: unknown }): string =>
  `turns must be 1 to ${mostTurns}; these are ${Array.isArray(issue.input) ? issue.input.length : 0}`;

const turn = z.object({
  role: text({ name: "role", max: 100, describe: "Who spoke: user, assistant, system, tool, …" }),
  content: text({ name: "content", max: turnCharacters, min: 0, describe: "What was said, as it was said." }),
  author: author.nullish(),
  at: instant("at", "When it was said").nullish(),
  position: whole("position", 0, 1_000_000_000)
    .nullish()
    .meta({ description: "The turn's place in its session, where you count; sent again, it is known again." }),
});
type Turn = z.output<typeof turn>;

const result = z.object({
  turn: z.int().meta({ description: "Which of the turns, from 0." }),
  outcome: z.enum(["kept", "stored", "duplicate", "skipped", "failed"]).meta({
    description: "kept: would be stored, were this no dry run. duplicate: it is remembered already.",
  }),
  reason: z.string().meta({ description: "Why it is kept or skipped, as a short code." }),
  content: z.string().nullable().meta({ description: "The text, without secrets; null for what is not repeated." }),
  category: category.nullable(),
  importance: z.number().nullable(),
  memoryId: z.string().nullable(),
});
type Result = z.output<typeof result>;

const resultOf = (decision: Decision): Result => ({
  turn: decision.turn,
  outcome: decision.keep ? "kept" : "skipped",
  reason: decision.reason,
  content: decision.keep ? decision.text : (decision.text?.slice(0, shownCharacters) ?? null),
  category: decision.keep ? decision.category : null,
  importance: decision.keep ? decision.importance : null,
  memoryId: null,
});

/** How long this thread reads before others, which it serves too, have their turn. */
const sliceMs = 2;

const decideAll = async (turns: readonly Turn[], recalled: readonly string[]): Promise<readonly Decision[]> => {
  const decide = makeCapture(recalled);
  const decisions: Decision[] = [];
  let started = performance.now();
  for (const [index, { role, content, author: by, at }] of turns.entries()) {
    if (performance.now() - started > sliceMs) {
      await setImmediate();
      started = performance.now();
    }
    decisions.push(...decide({ role, content, author: by ?? null, at: at ?? null }, index));
  }
  return decisions;
};

const store = async (
  context: CallContext,
  space: string,
  given: { readonly sessionId: string; readonly turns: readonly Turn[] },
  kept: readonly Kept[],
): Promise<readonly Pick<Result, "outcome" | "memoryId">[]> => {
  if (kept.length === 0) return [];
  const fields = kept.map((one) => {
    const said = given.turns[one.turn];
    return capturedFields(one, {
      sessionId: given.sessionId,
      position: said?.position ?? null,
      author: said?.author ?? null,
      at: said?.at ?? null,
    });
  });
  const { vectors, vectorModel } = await embedForStorage(context, space, fields);
  const items = fields.map((own, index): RememberItem => ({
    fields: own,
    vectors: vectors[index] ?? [],
    vectorModel,
    skipDedup: false,
  }));
  const outcomes = await context.engine.write(space, actorOf(context)).remember(items, false);
  return outcomes.map((outcome) => {
    switch (outcome.status) {
      case "stored":
      case "updated":
        return { outcome: "stored", memoryId: outcome.memory.id };
      case "duplicate":
        return { outcome: "duplicate", memoryId: outcome.duplicateOf };
      case "skipped":
        return { outcome: "duplicate", memoryId: outcome.id };
      case "failed":
        return { outcome: "failed", memoryId: null };
    }
  });
};

/** What was said, as the session's transcript: without what nobody said, and without secrets. */
const keepTranscript = async (
  context: CallContext,
  { sessionId, turns, space }: { readonly sessionId: string; readonly turns: readonly Turn[]; readonly space: string },
): Promise<void> => {
  const messages = turns.flatMap(({ role, content, at }) => {
    const said = spokenText({ role, content });
    return said === "" ? [] : [{ role, content: said, timestamp: at ?? null }];
  });
  if (messages.length > 0) await ingestSession.run(context, { sessionId, messages, space });
};

export const captureTurns = defineOperation({
  name: "capture.turns",
  summary: "Keep what is worth it of a conversation",
  description:
    "Reads turns of a conversation and stores what will matter later: requests to remember, preferences, decisions, " +
    "facts about people and projects, dates, corrections. System prompts, recalled text, tool output, code, secrets, " +
    "questions and small talk are never kept. Works without a model. Sending turns again stores nothing twice. With " +
    "`dry_run` nothing is stored, and the answer tells what would be and why.",
  input: z.object({
    sessionId,
    turns: z
      .array(z.unknown(), "turns must be a list")
      .min(1, { error: tooMany, abort: true })
      .max(mostTurns, { error: tooMany, abort: true })
      .pipe(z.array(turn)),
    recalled: z
      .array(text({ name: "recalled", max: recalledCharacters, min: 0 }), "recalled must be a list of texts")
      .max(mostRecalled, `recalled must be at most ${mostRecalled} texts`)
      .nullish()
      .meta({ description: "Texts that were recalled into the prompt of this session: they are not kept again." }),
    transcript: booleanOr(
      "transcript",
      false,
      "Also keeps what was said as the session's transcript, for search and for extraction by a model.",
    ),
    dryRun: booleanOr("dry_run", false, "Tells what would be kept and why, and stores nothing."),
    ...inSpace,
  }),
  output: z.object({
    results: z.array(result),
    stored: z.int(),
    duplicates: z.int(),
    skipped: z.int(),
    failed: z.int(),
    dryRun: z.boolean(),
  }),
  permission: "memories:write",
  audit: "write",
  usage: (_input, output) => ({ memories: output.stored, embeddings: output.stored + output.duplicates }),
  // A turn seldom holds more than one thing to keep; what is more is settled when it is known.
  expects: ({ turns, dryRun }) => (dryRun ? {} : { memories: turns.length, embeddings: turns.length }),
  run: async (context, input) => {
    const space = await context.space(input.space);
    const decisions = await decideAll(input.turns, absent(input.recalled) ? [] : input.recalled);
    const kept = decisions.filter((decision) => decision.keep);
    if (input.transcript && !input.dryRun) {
      await keepTranscript(context, { sessionId: input.sessionId, turns: input.turns, space });
    }
    const outcomes = (input.dryRun ? [] : await store(context, space, input, kept)).values();
    const results = decisions.map((decision): Result => {
      const shown = resultOf(decision);
      return decision.keep ? { ...shown, ...outcomes.next().value } : shown;
    });
    const count = (outcome: Result["outcome"]): number => results.filter((one) => one.outcome === outcome).length;
    return {
      results,
      stored: count("stored"),
      duplicates: count("duplicate"),
      skipped: count("skipped"),
      failed: count("failed"),
      dryRun: input.dryRun,
    };
  },
});
