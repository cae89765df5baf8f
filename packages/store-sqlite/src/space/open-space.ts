/** One space of the embedded engine while it is open: its file, twice (one connection writes, one reads), and its index. */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { foldAuthor } from "@cairn/memory/recall/entry";
import { checkFormat, migrate } from "../migrate.ts";
import { openDatabase, type Sqlite, type Statement } from "../open-database.ts";
import { type Lexicon, makeLexicon } from "./lexicon.ts";
import { type MakeVectors, makeSpaceIndex, type SpaceIndex } from "./space-index.ts";

export interface OpenSpace {
  readonly id: string;
  readonly file: string;
  /** The engine's model: of a new space, and of vectors that do not name theirs. */
  readonly model: EmbeddingModel;
  readonly reader: Sqlite;
  readonly writer: Sqlite;
  readonly lexicon: Lexicon;
  readonly index: SpaceIndex;
  /** A prepared statement of the reading or writing connection, made once. */
  readonly read: (sql: string) => Statement;
  readonly write: (sql: string) => Statement;
  /** Runs `work` on one snapshot, the index in step with it. */
  readonly snapshot: <T>(work: () => T) => T;
  /** Runs `work` on one snapshot of the rows alone: the index may not even be loaded. */
  readonly look: <T>(work: () => T) => T;
  /** What `work` found, remembered under a name until something is committed. Call inside `look` or `snapshot`. */
  readonly untilWritten: <T>(name: string, work: () => T) => T;
  readonly close: () => void;
}

const statements = (database: Sqlite): ((sql: string) => Statement) => {
  const made = new Map<string, Statement>();
  return (sql) => {
    const known = made.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    made.set(sql, statement);
    return statement;
  };
};

const remembering = (connection: Sqlite): OpenSpace["untilWritten"] => {
  const dataVersion = connection.prepare("PRAGMA data_version").pluck();
  const found = new Map<string, unknown>();
  let seen: unknown = null;
  return <T>(name: string, work: () => T): T => {
    const version = dataVersion.get();
    if (version !== seen) found.clear();
    seen = version;
    if (!found.has(name)) found.set(name, work());
    return found.get(name) as T;
  };
};

/**
 * Opens, creating or migrating the file as needed; `model` is the one that a new space becomes of.
 * Throws storage errors; SQLite's busy error passes, to be retried.
 */
export const openSpace = (id: string, file: string, makeVectors: MakeVectors, model: EmbeddingModel): OpenSpace => {
  const writer = openDatabase(file);
  let reader: Sqlite | undefined;
  try {
    if (writer.readonly) checkFormat(writer);
    else migrate(writer, file);
    reader = openDatabase(file);
  } catch (error) {
    reader?.close();
    writer.close();
    throw error;
  }
  const connection = reader;
  connection.function("fold_author", { deterministic: true }, (name) =>
    typeof name === "string" ? foldAuthor(name) : null,
  );
  const lexicon = makeLexicon(connection);
  const read = statements(connection);
  const index = makeSpaceIndex(connection, lexicon, makeVectors, model, read);
  const begin = connection.prepare("BEGIN");
  const commit = connection.prepare("COMMIT");
  const look: OpenSpace["look"] = (work) => {
    begin.run();
    try {
      return work();
    } finally {
      commit.run();
    }
  };
  return {
    id,
    file,
    model,
    reader: connection,
    writer,
    lexicon,
    index,
    read,
    write: statements(writer),
    snapshot: (work) =>
      look(() => {
        index.sync();
        return work();
      }),
    look,
    untilWritten: remembering(connection),
    close: () => {
      index.release();
      connection.close();
      writer.close();
    },
  };
};
