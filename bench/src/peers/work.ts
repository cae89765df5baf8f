/** The work of the comparison: the first conversations of a set, in one text for everyone. */
import { type EvalMemory, type EvalQuestion, type EvalSet, plainText } from "../sets/set.ts";

interface WorkDocument {
  readonly id: string;
  readonly text: string;
  /** For Cairn, where it is told more than the text. */
  readonly fields: Omit<EvalMemory, "id">;
}

export interface WorkSpace {
  readonly name: string;
  readonly documents: readonly WorkDocument[];
  readonly questions: readonly EvalQuestion[];
}

const documentOf = (memory: EvalMemory): WorkDocument => {
  const { id, ...fields } = memory;
  return { id, text: plainText(memory), fields };
};

/** Every nth question where fewer are wanted, so that the kinds of question stay in proportion. */
const thinned = <T>(all: readonly T[], wanted: number): readonly T[] =>
  all.length <= wanted
    ? all
    : Array.from({ length: wanted }, (_, at) => all[Math.floor((at * all.length) / wanted)] as T);

/** `questions` is the most to ask of all spaces together; null asks all. */
export const workOf = (set: EvalSet, spaces: number, questions: number | null): readonly WorkSpace[] => {
  const some = set.spaces.slice(0, spaces).filter((space) => space.questions.length > 0);
  const each = questions === null ? Number.POSITIVE_INFINITY : Math.ceil(questions / some.length);
  return some.map((space) => ({
    name: space.name,
    documents: space.memories.map(documentOf),
    questions: thinned(space.questions, each),
  }));
};
