/** Puts the records of a plain set together: which space each belongs to, and which memories answer each query. */
import { limits } from "@cairn/memory/memory/memory";
import type { SetRecord } from "./record.ts";
import { type EvalMemory, type EvalQuestion, type EvalSet, invalidAt, type Split } from "./set.ts";

type DocumentRecord = Extract<SetRecord, { kind: "document" }>;
type QueryRecord = Extract<SetRecord, { kind: "query" }>;

interface Building {
  readonly memories: Map<string, EvalMemory>;
  readonly questions: EvalQuestion[];
}

interface Counts {
  blank: number;
  cut: number;
  unknown: number;
  unanswered: number;
}

const onlySpace = "default";

const addDocuments = (
  documents: readonly DocumentRecord[],
  spaces: Map<string, Building>,
  counts: Counts,
): ReadonlySet<string> => {
  const blank = new Set<string>();
  for (const { place, space: name, memory } of documents) {
    const key = name ?? onlySpace;
    const space = spaces.get(key) ?? { memories: new Map(), questions: [] };
    spaces.set(key, space);
    if (space.memories.has(memory.id)) {
      throw invalidAt(place, "this id was used before", "Ids of documents are unique in their space.");
    }
    if (memory.content.trim() === "") {
      counts.blank++;
      blank.add(memory.id);
      continue;
    }
    const long = memory.content.length > limits.contentCharacters;
    if (long) counts.cut++;
    space.memories.set(
      memory.id,
      long ? { ...memory, content: memory.content.slice(0, limits.contentCharacters) } : memory,
    );
  }
  return blank;
};

/** The space that a query says, or the only one, or the one that holds all of its evidence. */
const spaceOf = (record: QueryRecord, gold: Iterable<string>, spaces: ReadonlyMap<string, Building>): string => {
  const said = record.space ?? (record.group !== null && spaces.has(record.group) ? record.group : null);
  if (said !== null) {
    if (spaces.has(said)) return said;
    throw invalidAt(record.place, "no document is in this query's space", "Documents name their space in space.");
  }
  if (spaces.size === 1) return [...spaces.keys()][0] ?? onlySpace;
  const wanted = [...gold];
  const holding = [...spaces].filter(([, { memories }]) => wanted.every((id) => memories.has(id)));
  const [only] = holding;
  if (holding.length === 1 && only !== undefined) return only[0];
  throw invalidAt(record.place, "it is not clear which space this query asks", "Say it in space.");
};

/** Every space in one half or the other, in turn, where queries do not say their split and there is more than one. */
const splitBySpace = (spaces: ReadonlyMap<string, Building>): ReadonlyMap<string, Split | null> =>
  new Map([...spaces.keys()].map((name, index) => [name, spaces.size === 1 ? null : index % 2 === 0 ? "dev" : "test"]));

type Judgements = ReadonlyMap<string, { readonly grades: ReadonlyMap<string, number>; readonly split: Split | null }>;

const judgementsOf = (records: readonly SetRecord[]): Judgements => {
  const all = new Map<string, { grades: Map<string, number>; split: Split | null }>();
  for (const record of records) {
    if (record.kind !== "judgement") continue;
    const judged = all.get(record.query) ?? { grades: new Map<string, number>(), split: record.split };
    all.set(record.query, judged);
    judged.grades.set(record.document, record.grade);
  }
  return all;
};

const gradesShown = (grades: ReadonlyMap<string, number>): Pick<EvalQuestion, "grades"> =>
  [...grades.values()].every((grade) => grade === 1) ? {} : { grades: Object.fromEntries(grades) };

const notesOf = (counts: Counts): readonly string[] =>
  [
    counts.blank === 0 ? "" : `${counts.blank} documents without text are left out`,
    counts.cut === 0 ? "" : `${counts.cut} documents are cut to ${limits.contentCharacters} characters`,
    counts.unknown === 0 ? "" : `${counts.unknown} gold ids name no document and are left out`,
    counts.unanswered === 0 ? "" : `${counts.unanswered} queries without gold are left out`,
  ].filter((note) => note !== "");

/** Throws `import.invalid` where records contradict each other. Order among documents is kept, and only that. */
export const assembleSet = (records: readonly SetRecord[]): EvalSet => {
  const spaces = new Map<string, Building>();
  const counts: Counts = { blank: 0, cut: 0, unknown: 0, unanswered: 0 };
  const documents = records.filter((record) => record.kind === "document");
  const blank = addDocuments(documents, spaces, counts);
  const judgements = judgementsOf(records);
  const halves = splitBySpace(spaces);
  const seen = new Set<string>();
  for (const [index, record] of records.filter(({ kind }) => kind === "query").entries()) {
    if (record.kind !== "query") continue;
    const judged = record.id === null ? undefined : judgements.get(record.id);
    const relevant = [...record.grades, ...(judged?.grades ?? [])].filter(([id, grade]) => grade > 0 && !blank.has(id));
    if (relevant.length === 0) {
      counts.unanswered++;
      continue;
    }
    const name = spaceOf(record, new Map(relevant).keys(), spaces);
    const space = spaces.get(name);
    const grades = new Map(relevant.filter(([id]) => space?.memories.has(id) === true));
    counts.unknown += new Map(relevant).size - grades.size;
    if (space === undefined || grades.size === 0) {
      counts.unanswered++;
      continue;
    }
    const id = record.id ?? `${name}/${index + 1}`;
    if (seen.has(id)) throw invalidAt(record.place, "this id was used before", "Ids of queries are unique.");
    seen.add(id);
    const group = record.category ?? (record.group === null || spaces.has(record.group) ? "all" : record.group);
    space.questions.push({
      id,
      query: record.query.slice(0, limits.queryCharacters),
      gold: [...grades.keys()],
      ...gradesShown(grades),
      group,
      split: record.split ?? judged?.split ?? halves.get(name) ?? null,
    });
  }
  return {
    spaces: [...spaces].map(([name, { memories, questions }]) => ({
      name,
      memories: [...memories.values()],
      questions,
    })),
    notes: notesOf(counts),
  };
};
