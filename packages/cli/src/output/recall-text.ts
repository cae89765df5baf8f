/** The answer of a recall as people read it. */
import type { recall } from "@cairn/operations/operations/recall/recall";
import { wireName } from "@cairn/operations/wire";
import type { z } from "zod";
import { escapeLine, escapeText } from "./escape-text.ts";
import { memoryLines, shortTime } from "./memory-text.ts";
import type { Style } from "./style.ts";
import { indentText } from "./wrap-text.ts";

type Answer = z.output<typeof recall.output>;
type Result = Answer["results"][number];
type Explained = NonNullable<Result["explain"]>;

const percent = (score: number): string => `${Math.round(score * 100)} %`;

interface Signal {
  readonly raw: number;
  readonly weight: number;
  readonly contribution: number;
}

const isSignal = (value: unknown): value is Signal =>
  typeof value === "object" && value !== null && "contribution" in value;

/** `lexical 0.312 (1 × 0.312) + dense 0.104 (0.4 × 0.260) = 0.416`; what contributed nothing is left out. */
const sumText = (parts: object, sum: number): string => {
  const shown = Object.entries(parts).flatMap(([name, part]: [string, unknown]) =>
    isSignal(part) && part.contribution !== 0
      ? [
          `${wireName(name)} ${part.contribution.toFixed(3)} (${Number(part.weight.toFixed(4))} × ${part.raw.toFixed(3)})`,
        ]
      : [],
  );
  return `${shown.length === 0 ? "nothing" : shown.join(" + ")} = ${sum.toFixed(3)}`;
};

const explainText = (explain: Explained): string => {
  const { rerank } = explain;
  const again =
    rerank === undefined
      ? ""
      : `; ${rerank.mode}: ${sumText(rerank.signals, rerank.score)} → ${rerank.similarity.toFixed(4)}`;
  const sum = `${sumText(explain, explain.score)} → ${explain.similarity.toFixed(4)}${again}`;
  const filters = explain.filters.length === 0 ? "" : `; passed ${explain.filters.join(", ")}`;
  return `${sum}${filters}; ${explain.permission}`;
};

const notesOf = (result: Result): readonly string[] => {
  if (result.type === "session") return result.repeats.map((id) => `repeats ${id}`);
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
    for (const { content } of result.neighbours) {
      lines.push(`${style.dim(indentText(escapeText(content), width, "    │ "))}\n`);
    }
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
  const words =
    answer.embedder === null
      ? style.warn("Only words were compared: there is no embedder for this space now. cairn doctor tells more.\n")
      : "";
  if (answer.results.length === 0) {
    const advice = "Try other words, a lower --min-relevance, or fewer filters.";
    return `Nothing relevant is remembered.\n${style.dim(advice)}\n${words}`;
  }
  const results = answer.results.map((result) => resultText(result, style, width));
  const left = answer.partial
    ? style.warn("Something was left out: the deadline or the token budget was reached.\n")
    : "";
  return `${results.join("\n")}${left}${words}`;
};
