import { CairnError } from "@cairn/kernel/error";
import { type Command, flagOf, type Given, numberOf, textOf } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import type { Local } from "../local/open-local.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { escapeLine, escapeText } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { shortTime, textWidth } from "../output/memory-text.ts";
import { styleFor } from "../output/style.ts";
import { indentText } from "../output/wrap-text.ts";
import { transcriptFrom } from "../transfer/transcript-input.ts";

/** So many messages go in one call, and so in one transaction. */
const sliceSize = 1_000;

const missing = (message: string, hint: string): CairnError => new CairnError("request.invalid", message, { hint });

const ingest = async (host: Host, { call }: Local, given: Given, file: string): Promise<ExitCode> => {
  const transcript = await transcriptFrom(host, file);
  const sessionId = textOf(given, "session") ?? transcript.sessionId;
  if (sessionId === null)
    throw missing(
      `${file} does not name its session.`,
      "Add --session ID; the same ID next time adds only what is new.",
    );
  if (transcript.messages.length === 0)
    throw missing(`${file} holds no messages with role and content.`, "cairn help sessions");
  const { ingestSession } = await import("@cairn/operations/operations/sessions/ingest");
  const total = { success: true, chunksCreated: 0, messagesProcessed: 0, error: null };
  for (let from = 0; from < transcript.messages.length; from += sliceSize) {
    host.signal.throwIfAborted();
    const messages = transcript.messages.slice(from, from + sliceSize);
    const answer = await call(ingestSession, { sessionId, messages, ...inSpace(given) });
    total.chunksCreated += answer.chunksCreated;
    total.messagesProcessed += answer.messagesProcessed;
  }
  if (flagOf(given, "json")) await printJson(host, total);
  else {
    const known = transcript.messages.length - total.messagesProcessed;
    const rest = [
      ...(known > 0 ? [`${known} were there already`] : []),
      ...(transcript.passedOver > 0 ? [`${transcript.passedOver} lines hold no message`] : []),
    ];
    await host.out.write(
      `${escapeLine(sessionId)}: ${total.messagesProcessed} messages taken in${rest.length === 0 ? "" : ` (${rest.join("; ")})`}\n`,
    );
  }
  return exitCodes.ok;
};

const search = async (host: Host, { call }: Local, given: Given, query: string): Promise<ExitCode> => {
  const { searchSessions } = await import("@cairn/operations/operations/sessions/search");
  const answer = await call(searchSessions, {
    query,
    sessionId: textOf(given, "session"),
    limit: numberOf(given, "limit"),
    offset: numberOf(given, "offset"),
    minRelevance: numberOf(given, "min-relevance"),
    ...inSpace(given),
  });
  if (flagOf(given, "json")) {
    await printJson(host, answer);
    return exitCodes.ok;
  }
  const style = styleFor(host, host.out);
  const shown = answer.results.map((one) => {
    const head = `${style.bold(`${Math.round(one.similarityScore * 100)} %`.padStart(5))}  ${style.accent(escapeLine(one.sessionId))}`;
    const place = `part ${one.chunkIndex + 1} · ${shortTime(one.startTime)} · ${escapeLine(one.instanceId)}`;
    return `${head}  ${style.dim(place)}\n${indentText(escapeText(one.content), textWidth(host.out), "  ")}\n`;
  });
  await host.out.write(shown.length === 0 ? "Nothing relevant was said.\n" : shown.join("\n"));
  return exitCodes.ok;
};

const show = async (host: Host, { call }: Local, given: Given, sessionId: string): Promise<ExitCode> => {
  const { sessionMessages } = await import("@cairn/operations/operations/sessions/messages");
  const answer = await call(sessionMessages, {
    sessionId,
    limit: numberOf(given, "limit"),
    cursor: textOf(given, "cursor"),
    ...inSpace(given),
  });
  if (flagOf(given, "json")) {
    await printJson(host, answer);
    return exitCodes.ok;
  }
  const style = styleFor(host, host.out);
  for (const { role, content, timestamp } of answer.messages) {
    await host.out.write(`${style.bold(escapeLine(role))}  ${style.dim(shortTime(timestamp))}\n`);
    await host.out.write(`${indentText(escapeText(content), textWidth(host.out), "  ")}\n\n`);
  }
  if (answer.cursor !== null) await host.out.write(style.dim(`More: --cursor ${answer.cursor}\n`));
  return exitCodes.ok;
};

const verbs = { ingest, search, show } as const;

export const sessions: Command = {
  name: "sessions",
  summary: "Take in, search and read conversations",
  usage: ["ingest <file> [--session ID]", "search <question> [options]", "show <id> [options]"],
  arguments: { least: 2, most: 2, choices: Object.keys(verbs), completes: "file" },
  options: [
    { name: "session", value: "ID", describe: "Which conversation; for ingest, where the file does not say." },
    { name: "limit", short: "n", value: "N", type: "number", describe: "How many at most." },
    { name: "offset", value: "N", type: "number", describe: "Leave out so many of the best (search)." },
    { name: "min-relevance", value: "0..1", type: "number", describe: "Leave out what is less relevant (search)." },
    { name: "cursor", value: "CURSOR", describe: "Go on where the page before ended (show)." },
    ...memoryCommandOptions,
  ],
  notes: [
    "A file is a JSON list of messages with role, content and timestamp, or one message a line (JSONL).",
    "Ingesting a file again, longer than before, takes in only what is new.",
  ],
  run: (host, given) => {
    const [verb = "", subject = ""] = given.arguments;
    return withLocal(host, given, (local) => verbs[verb as keyof typeof verbs](host, local, given, subject));
  },
};
