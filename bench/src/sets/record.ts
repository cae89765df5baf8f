/**
 * One record of a plain set: a document, a query or a judgement that a document answers a query. The names that
 * common sets use for the same thing are all understood; what cannot be understood is an error that names the place.
 */
import { type EvalMemory, invalidAt, type Place, type Split } from "./set.ts";

export type SetRecord =
  | { readonly kind: "document"; readonly place: Place; readonly space: string | null; readonly memory: EvalMemory }
  | {
      readonly kind: "query";
      readonly place: Place;
      readonly id: string | null;
      readonly space: string | null;
      /** May name the space or the category: only who has read all documents can tell. */
      readonly group: string | null;
      readonly category: string | null;
      readonly query: string;
      readonly split: Split | null;
      readonly grades: ReadonlyMap<string, number>;
    }
  | {
      readonly kind: "judgement";
      readonly place: Place;
      readonly query: string;
      readonly document: string;
      readonly grade: number;
      readonly split: Split | null;
    };

type Fields = Readonly<Record<string, unknown>>;

const kinds: Readonly<Record<string, SetRecord["kind"]>> = {
  document: "document",
  doc: "document",
  memory: "document",
  passage: "document",
  query: "query",
  question: "query",
  qrel: "judgement",
  judgement: "judgement",
  gold: "judgement",
};

const splits: Readonly<Record<string, Split>> = {
  dev: "dev",
  development: "dev",
  val: "dev",
  valid: "dev",
  validation: "dev",
  train: "dev",
  test: "test",
};

/** What a file's name says of its records, such as dev for qrels/dev.tsv. */
export const splitNamed = (name: string): Split | null => splits[name.toLowerCase()] ?? null;

const first = (fields: Fields, names: readonly string[]): unknown => {
  for (const name of names) if (fields[name] !== undefined && fields[name] !== null) return fields[name];
  return undefined;
};

const idOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;

const named = (fields: Fields, ...names: readonly string[]): string | null => idOf(first(fields, names));

const textIn = (fields: Fields, ...names: readonly string[]): string | null => {
  const value = first(fields, names);
  return typeof value === "string" ? value : null;
};

const hasZone = /(?:z|[+-]\d\d:?\d\d|utc|gmt)$/i;
const dayAndTime = /^\d{4}-\d\d-\d\d[t ]\d\d:\d\d/i;

/** RFC 3339 of a date, a date with a time (UTC unless it says otherwise), or seconds or milliseconds since 1970. */
const instantOf = (value: unknown, place: Place): string => {
  const text = typeof value === "string" ? value.trim() : "";
  const at =
    typeof value === "number"
      ? new Date(value < 1e11 ? value * 1000 : value)
      : new Date(dayAndTime.test(text) && !hasZone.test(text) ? `${text.replace(" ", "T")}Z` : text);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw invalidAt(place, "occurred_at is not a time", "It is written like 2023-05-08 or 2023-05-08T13:56:00Z.");
};

const textNames = ["content", "text", "body", "passage"];
const goldNames = ["gold", "gold_ids", "gold_doc_ids", "relevant", "relevant_ids", "evidence", "positives"];

const contentOf = (fields: Fields, place: Place): string => {
  const text = textIn(fields, ...textNames);
  const title = textIn(fields, "title");
  if (text === null) throw invalidAt(place, "a document has no text", "It needs id and text (or content).");
  return title === null || title.trim() === "" ? text : `${title}\n${text}`;
};

const readDocument = (fields: Fields, place: Place): SetRecord => {
  const id = named(fields, "id", "_id", "doc_id", "docid");
  if (id === null) throw invalidAt(place, "a document has no id", "It needs id and text (or content).");
  const author = named(fields, "author", "speaker", "user");
  const at = first(fields, ["occurred_at", "date", "timestamp", "created_at"]);
  const session = named(fields, "session_id", "session");
  const seq = first(fields, ["session_seq", "seq", "turn"]);
  if (seq !== undefined && (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0)) {
    throw invalidAt(place, "session_seq is not a position", "It is a whole number from 0.");
  }
  const memory: EvalMemory = {
    id,
    content: contentOf(fields, place),
    ...(author === null ? {} : { author }),
    ...(at === undefined ? {} : { occurred_at: instantOf(at, place) }),
    ...(session === null ? {} : { session_id: session }),
    ...(session === null || seq === undefined ? {} : { session_seq: seq }),
  };
  return { kind: "document", place, space: named(fields, "space", "group", "namespace"), memory };
};

const gradeOf = (value: unknown, place: Place): number => {
  const grade = typeof value === "string" && value.trim() !== "" ? Number(value) : (value ?? 1);
  if (typeof grade === "number" && Number.isFinite(grade)) return grade;
  throw invalidAt(place, "a grade is not a number", "It is 0 for what does not answer, and more for what does.");
};

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Ids, one or many, or ids with grades as an object or as a list of `{id, grade}`. */
const gradesOf = (gold: unknown, place: Place): ReadonlyMap<string, number> => {
  const hint = 'It is a list of ids of documents, such as ["d1", "d7"].';
  const one = (value: unknown): readonly [string, number] => {
    const id = isObject(value) ? named(value, "id", "_id", "doc_id", "docid") : idOf(value);
    if (id === null) throw invalidAt(place, "gold holds something that is no id", hint);
    return [id, isObject(value) ? gradeOf(first(value, ["grade", "score", "relevance"]), place) : 1];
  };
  if (gold === undefined) return new Map();
  if (Array.isArray(gold)) return new Map(gold.map(one));
  if (isObject(gold)) return new Map(Object.entries(gold).map(([id, grade]) => [id, gradeOf(grade, place)]));
  return new Map([one(gold)]);
};

const splitOf = (fields: Fields, place: Place): Split | null => {
  const value = textIn(fields, "split", "half");
  if (value === null) return null;
  const split = splitNamed(value);
  if (split === null) throw invalidAt(place, "split is not known", "It is dev or test.");
  return split;
};

const readQuery = (fields: Fields, place: Place): SetRecord => {
  const query = textIn(fields, "query", "question", "text", "content");
  if (query === null || query.trim() === "") {
    throw invalidAt(place, "a query has no text", "It needs text (or query) and gold.");
  }
  return {
    kind: "query",
    place,
    id: named(fields, "id", "_id", "query_id", "qid"),
    space: named(fields, "space", "namespace"),
    group: named(fields, "group"),
    category: named(fields, "category", "question_type"),
    query,
    split: splitOf(fields, place),
    grades: gradesOf(first(fields, goldNames), place),
  };
};

const readJudgement = (fields: Fields, place: Place): SetRecord => {
  const query = named(fields, "query_id", "query-id", "qid", "query");
  const document = named(fields, "document_id", "corpus-id", "corpus_id", "doc_id", "docid", "document");
  if (query === null || document === null) {
    throw invalidAt(place, "a judgement names no query or no document", "It needs query_id and document_id.");
  }
  const grade = gradeOf(first(fields, ["grade", "score", "relevance"]), place);
  return { kind: "judgement", place, query, document, grade, split: splitOf(fields, place) };
};

/** Where a record does not say what it is: queries have a question or gold, documents have text. */
const guessed = (fields: Fields): SetRecord["kind"] | undefined => {
  if (first(fields, ["query", "question", ...goldNames]) !== undefined) return "query";
  return first(fields, textNames) === undefined ? undefined : "document";
};

/** `kind` is what the file holds, where its name says so. Throws `import.invalid`. */
export const readRecord = (value: unknown, place: Place, kind?: SetRecord["kind"]): SetRecord => {
  if (!isObject(value)) throw invalidAt(place, "not an object", "Each record is one JSON object.");
  const type = value["type"];
  const said = typeof type === "string" ? kinds[type.toLowerCase()] : undefined;
  switch (said ?? kind ?? (type === undefined ? guessed(value) : undefined)) {
    case "document":
      return readDocument(value, place);
    case "query":
      return readQuery(value, place);
    case "judgement":
      return readJudgement(value, place);
    case undefined:
      throw invalidAt(place, "type is not known", "It is document or query.");
  }
};
