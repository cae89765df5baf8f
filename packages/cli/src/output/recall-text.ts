/** The answer of a recall as people read it. */
import type { recall } from "@cairn/operations/operations/recall/recall";
import type { z } from "zod";
import { escapeLine, escapeText } from "./escape-text.ts";
import { memoryLines, shortTime } from "./memory-text.ts";
import type { Style } from "./style.ts";
import { indentText } from "./wrap-text.ts";

type Answer = z.output<typeof recall.output>;
type Result = Answer["results"][number];
type Explained = NonNullable<Result["explain"]>;

const signals = ["lexical", "dense", "author", "session", "time"] as const;

const percent = (score: number): string => `${Math.round(score * 100)} %`;

const explainText = (explain: Explained): string => {
  const parts = signals
    .filter((name) => explain[name].contribution !== 0)
    .map(
      (name) =>
        `${name} ${explain[name].contribution.toFixed(3)} (${explain[name].weight} × ${explain[name].raw.toFixed(3)})`,
    );
  const sum = `${parts.length === 0 ? "nothing" : parts.join(" + ")} = ${explain.score.toFixed(3)} → ${explain.similarity.toFixed(4)}`;
  const filters = explain.filters.length === 0 ? "" : `; passed ${explain.filters.join(", ")}`;
  return `${sum}${filters}; ${explain.permission}`;
};

const notesOf = (result: Result): readonly string[] => {
  if (result.type === "session") return [];
  return [
    ...(result.stale ? ["no longer holds, or something newer says otherwise"] : []),
    ...result.conflicts.map((id) => `says otherwise than ${id}`),
  ];
};

const resultText = (result: Result, style: Style, width: number): string => {
  const score = style.bold(percent(result.similarityScore).padStart(5));
  const lines: string[] = [];
  if (result.type === "session") {
    const place = `session ${result.sessionId}, part ${result.chunkIndex + 1} · ${shortTime(result.startTime)} · ${result.instanceId}`;
    lines.push(`${score}  ${style.accent(escapeLine(result.chunkId))}\n`);
    lines.push(`${indentText(escapeText(result.content), width, "  ")}\n`);
    lines.push(`${style.dim(indentText(escapeLine(place), width, "  "))}\n`);
  } else {
    lines.push(memoryLines(result.memory, style, width, score));
    for (const neighbour of result.neighbours) {
      const said = neighbour.author === null ? neighbour.content : `${neighbour.author}: ${neighbour.content}`;
      lines.push(`${style.dim(indentText(escapeText(said), width, "    │ "))}\n`);
    }
  }
  for (const note of notesOf(result)) lines.push(`${style.warn(indentText(escapeLine(note), width, "  ! "))}\n`);
  if (result.explain !== undefined) {
    lines.push(`${style.dim(indentText(escapeLine(explainText(result.explain)), width, "  = "))}\n`);
  }
  return lines.join("");
};

export const recallText = (answer: Answer, style: Style, width: number): string => {
  if (answer.results.length === 0) {
    const advice = "Try other words, a lower --min-relevance, or fewer filters.";
    return `Nothing relevant is remembered.\n${style.dim(advice)}\n`;
  }
  const results = answer.results.map((result) => resultText(result, style, width));
  const left = answer.partial
    ? style.warn("Something was left out: the deadline or the token budget was reached.\n")
    : "";
  const words =
    answer.embedder === null ? style.warn("Only words were compared: the embedder is not available.\n") : "";
  return `${results.join("\n")}${left}${words}`;
};
