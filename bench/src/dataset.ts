/**
 * Evaluation sets: memories grouped into spaces, questions, and which memories answer them. Two formats are read:
 * LoCoMo's JSON (ten conversations with questions and evidence), and plain JSON lines, one object a line:
 * `{"type":"memory","space","id","content","author"?,"occurred_at"?,"session_id"?,"session_seq"?}` and
 * `{"type":"question","space","query","gold":[ids],"group"?}`.
 */
import { readFileSync } from "node:fs";
import { CairnError } from "@cairn/kernel/error";

export interface EvalMemory {
  readonly id: string;
  readonly content: string;
  readonly author?: string;
  readonly occurred_at?: string;
  readonly session_id?: string;
  readonly session_seq?: number;
}

export interface EvalQuestion {
  readonly query: string;
  readonly gold: readonly string[];
  readonly group: string;
}

export interface EvalSpace {
  readonly name: string;
  /** Constants are fitted on dev and reported on test. */
  readonly half: "dev" | "test";
  readonly memories: readonly EvalMemory[];
  readonly questions: readonly EvalQuestion[];
}

interface Turn {
  readonly dia_id: string;
  readonly speaker: string;
  readonly text: string;
  readonly blip_caption?: string;
}
interface LocomoSample {
  readonly sample_id: string;
  readonly conversation: Readonly<Record<string, unknown>>;
  readonly qa: readonly {
    readonly question: string;
    readonly evidence?: readonly string[];
    readonly category: number;
  }[];
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const categories: Readonly<Record<number, string>> = {
  1: "multi-hop",
  2: "temporal",
  3: "open",
  4: "single-hop",
  5: "adversarial",
};

/** "1:56 pm on 8 May, 2023" as RFC 3339, UTC. */
const locomoTime = (text: string): string => {
  const found = /(\d+):(\d+) (am|pm) on (\d+) (\w+), (\d+)/.exec(text);
  if (found === null) throw new CairnError("import.invalid", `Not a LoCoMo time: ${text}`);
  const [, hour, minute, half, day, month, year] = found;
  const hours = (Number(hour) % 12) + (half === "pm" ? 12 : 0);
  return new Date(
    Date.UTC(Number(year), months.indexOf(month ?? ""), Number(day), hours, Number(minute)),
  ).toISOString();
};

const turnText = (turn: Turn): string =>
  turn.blip_caption === undefined ? turn.text : `${turn.text} (shared image: ${turn.blip_caption})`;

/** `plain`: one text for everyone, "[date] speaker: text", and nothing else known. */
const locomoSpace = (sample: LocomoSample, index: number, plain: boolean): EvalSpace => {
  const memories: EvalMemory[] = [];
  for (let session = 1; Array.isArray(sample.conversation[`session_${session}`]); session++) {
    const at = locomoTime(String(sample.conversation[`session_${session}_date_time`]));
    const day = new Date(at);
    const date = `${day.getUTCDate()} ${months[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
    for (const turn of sample.conversation[`session_${session}`] as Turn[]) {
      memories.push(
        plain
          ? { id: turn.dia_id, content: `[${date}] ${turn.speaker}: ${turnText(turn)}` }
          : {
              id: turn.dia_id,
              content: turnText(turn),
              author: turn.speaker,
              occurred_at: at,
              session_id: `session-${session}`,
            },
      );
    }
  }
  const known = new Set(memories.map((memory) => memory.id));
  const questions = sample.qa.map((qa) => {
    const named = (qa.evidence ?? []).flatMap((text) =>
      [...text.matchAll(/D(\d+):(\d+)/g)].map((found) => `D${Number(found[1])}:${Number(found[2])}`),
    );
    return {
      query: qa.question,
      gold: [...new Set(named)].filter((id) => known.has(id)),
      group: categories[qa.category] ?? "other",
    };
  });
  return {
    name: sample.sample_id,
    half: index < 5 ? "dev" : "test",
    memories,
    questions: questions.filter((question) => question.gold.length > 0),
  };
};

const readLines = (text: string): readonly EvalSpace[] => {
  const spaces = new Map<string, { memories: EvalMemory[]; questions: EvalQuestion[] }>();
  for (const [number, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let record: { type?: string; space?: string } & Partial<EvalMemory & EvalQuestion>;
    try {
      record = JSON.parse(line) as typeof record;
    } catch (error) {
      throw new CairnError("import.invalid", `Line ${number + 1} is not JSON.`, {}, { cause: error });
    }
    const { type, space: name = "default", ...rest } = record;
    const space = spaces.get(name) ?? { memories: [], questions: [] };
    spaces.set(name, space);
    if (type === "memory") space.memories.push(rest as EvalMemory);
    else if (type === "question") space.questions.push({ group: "all", ...rest } as EvalQuestion);
    else throw new CairnError("import.invalid", `Line ${number + 1}: type must be "memory" or "question".`);
  }
  return [...spaces].map(([name, space], index) => ({ name, half: index % 2 === 0 ? "dev" : "test", ...space }));
};

export const readDataset = (file: string, plain: boolean): readonly EvalSpace[] => {
  const text = readFileSync(file, "utf8");
  if (!text.trimStart().startsWith("[")) return readLines(text);
  return (JSON.parse(text) as LocomoSample[]).map((sample, index) => locomoSpace(sample, index, plain));
};
