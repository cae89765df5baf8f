import { CairnError } from "@cairn/kernel/error";
import type { captureTurns } from "@cairn/operations/operations/capture/turns";
import type { z } from "zod";
import { type Command, flagOf, textOf, textsOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import type { Local } from "../local/open-local.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { escapeLine, escapeText } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { textWidth } from "../output/memory-text.ts";
import { styleFor } from "../output/style.ts";
import { indentText } from "../output/wrap-text.ts";
import { transcriptFrom } from "../transfer/transcript-input.ts";

/** So many turns go in one call, so that a long transcript is stored step by step. */
const sliceSize = 200;

type Answer = z.output<typeof captureTurns.output>;
interface Total extends Omit<Answer, "results"> {
  readonly results: readonly Answer["results"][number][];
}

/** Captures a transcript slice by slice; turns are counted through. */
const captureAll = async (
  host: Host,
  { call }: Local,
  turns: readonly object[],
  input: Readonly<Record<string, unknown>>,
): Promise<Total> => {
  const { captureTurns: operation } = await import("@cairn/operations/operations/capture/turns");
  let total: Total = { results: [], stored: 0, duplicates: 0, skipped: 0, failed: 0, dryRun: input["dryRun"] === true };
  for (let from = 0; from < turns.length; from += sliceSize) {
    host.signal.throwIfAborted();
    const answer = await call(operation, { ...input, turns: turns.slice(from, from + sliceSize) });
    total = {
      ...total,
      results: [...total.results, ...answer.results.map((one) => ({ ...one, turn: one.turn + from }))],
      stored: total.stored + answer.stored,
      duplicates: total.duplicates + answer.duplicates,
      skipped: total.skipped + answer.skipped,
      failed: total.failed + answer.failed,
    };
  }
  return total;
};

const show = async (host: Host, total: Total): Promise<void> => {
  const style = styleFor(host, host.out);
  const width = textWidth(host.out);
  const kept = total.results.filter(({ outcome }) => outcome !== "skipped");
  for (const { turn, outcome, reason, content, memoryId } of total.dryRun ? total.results : kept) {
    const mark = outcome === "skipped" ? style.dim(outcome) : style.bold(outcome);
    const id = memoryId === null ? "" : `  ${style.accent(escapeLine(memoryId))}`;
    await host.out.write(`${mark}  ${style.dim(`turn ${turn + 1} · ${escapeLine(reason)}`)}${id}\n`);
    if (content !== null) await host.out.write(`${indentText(escapeText(content), width, "  ")}\n`);
  }
  const counts = total.dryRun
    ? `${kept.length} would be kept, ${total.skipped} not`
    : `${total.stored} kept, ${total.duplicates} remembered already, ${total.skipped} not kept`;
  await host.out.write(style.dim(`${counts}.\n`));
};

export const capture: Command = {
  name: "capture",
  summary: "Keep what is worth it of a conversation",
  usage: ["<file> [options]", "- [options]     (the conversation comes from standard input)"],
  arguments: { least: 1, most: 1, completes: "file" },
  options: [
    { name: "dry-run", describe: "Store nothing; show what would be kept and what not, and why." },
    { name: "session", value: "ID", describe: "The conversation's id; the file's own when absent." },
    {
      name: "recalled",
      value: "TEXT",
      repeat: true,
      describe: "A text that was recalled in this conversation and is not to be kept again; repeat it for several.",
    },
    { name: "transcript", describe: "Also keep what was said, cleaned, as the session's transcript." },
    ...memoryCommandOptions,
  ],
  notes: [
    "Reads what `cairn sessions ingest` reads: a JSON list of messages with role and content, or one message a line.",
    "Never kept: system prompts, recalled text, tool output, code, secrets, questions, small talk.",
    "cairn capture chat.jsonl --dry-run",
  ],
  run: (host, given) =>
    withLocal(host, given, async (local) => {
      const [file = ""] = given.arguments;
      const transcript = await transcriptFrom(host, file);
      const sessionId = textOf(given, "session") ?? transcript.sessionId;
      const dryRun = flagOf(given, "dry-run");
      if (sessionId === null && !dryRun) {
        throw new CairnError("request.invalid", `${file} does not name its session.`, {
          hint: "Add --session ID; the same ID next time adds only what is new.",
        });
      }
      const turns = transcript.messages.map(({ role, content, timestamp }) => ({ role, content, at: timestamp }));
      const recalled = textsOf(given, "recalled");
      const total = await captureAll(host, local, turns, {
        sessionId: sessionId ?? "dry run",
        recalled,
        transcript: flagOf(given, "transcript"),
        dryRun,
        ...inSpace(given),
      });
      if (flagOf(given, "json")) await printJson(host, total);
      else await show(host, total);
      return total.failed > 0 ? exitCodes.failure : exitCodes.ok;
    }),
};
