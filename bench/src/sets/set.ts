/** An evaluation set: memories grouped into spaces, questions, and which memories answer them. */
import { CairnError } from "@cairn/kernel/error";

export interface EvalMemory {
  readonly id: string;
  readonly content: string;
  readonly author?: string;
  /** RFC 3339, UTC. */
  readonly occurred_at?: string;
  readonly session_id?: string;
  readonly session_seq?: number;
}

/** Constants are fitted on dev and reported on test. */
export type Split = "dev" | "test";

export interface EvalQuestion {
  /** The same in every run on the same set, so that two runs can be compared question by question. */
  readonly id: string;
  readonly query: string;
  /** Memories of the same space, each once; never empty. */
  readonly gold: readonly string[];
  /** How relevant each is, where the set says so; otherwise every one counts 1. */
  readonly grades?: Readonly<Record<string, number>>;
  /** The set's own kind of question, such as temporal. */
  readonly group: string;
  readonly split: Split | null;
}

export interface EvalSpace {
  readonly name: string;
  readonly memories: readonly EvalMemory[];
  readonly questions: readonly EvalQuestion[];
}

export interface EvalSet {
  readonly spaces: readonly EvalSpace[];
  /** What was left out and why, for the reader of the figures. */
  readonly notes: readonly string[];
}

/** Where in its source a record stands, such as `queries.jsonl line 7`. */
export type Place = string;

/** `import.invalid`, naming the place and what would be right; never the text that was read. */
export const invalidAt = (place: Place, wrong: string, hint: string): CairnError =>
  new CairnError("import.invalid", `${place}: ${wrong}. ${hint}`, { hint });

const months = "January February March April May June July August September October November December".split(" ");

/** `[8 May 2023] Caroline: text`, for comparisons in which everyone gets one text and nothing else is known. */
export const plainText = (memory: EvalMemory): string => {
  const day = memory.occurred_at === undefined ? null : new Date(memory.occurred_at);
  const date = day === null ? "" : `[${day.getUTCDate()} ${months[day.getUTCMonth()]} ${day.getUTCFullYear()}] `;
  return `${date}${memory.author === undefined ? "" : `${memory.author}: `}${memory.content}`;
};

/** The set with one text a memory: author, date and session are no longer known apart from it. */
export const asPlain = (set: EvalSet): EvalSet => ({
  ...set,
  spaces: set.spaces.map((space) => ({
    ...space,
    memories: space.memories.map((memory) => ({ id: memory.id, content: plainText(memory) })),
  })),
});
