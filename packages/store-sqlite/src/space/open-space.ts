/** One space of the embedded engine while it is open: its file, twice (one connection writes, one reads), and its index. */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { foldAuthor } from "@cairn/memory/recall/entry";
import type { VectorSet } from "@cairn/memory/recall/vector-set";
import { checkFormat, migrate } from "../migrate.ts";
import { openDatabase, type Sqlite, type Statement } from "../open-database.ts";
import { type Lexicon, makeLexicon } from "./lexicon.ts";
import { makeSpaceIndex, type SpaceIndex } from "./space-index.ts";

export interface OpenSpace {
  readonly id: string;
  readonly file: string;
  /** The model of the vectors that may be written and compared. */
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

/**
 * Opens, creating or migrating the file as needed; `model` is the one whose vectors may be read.
 * Throws storage errors; SQLite's busy error passes, to be retried.
 */
export const openSpace = (id: string, file: string, makeVectors: () => VectorSet, model: EmbeddingModel): OpenSpace => {
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
  const index = makeSpaceIndex(connection, lexicon, makeVectors, model.id);
  const begin = connection.prepare("BEGIN");
  const commit = connection.prepare("COMMIT");
  return {
    id,
    file,
    model,
    reader: connection,
    writer,
    lexicon,
    index,
    read: statements(connection),
    write: statements(writer),
    snapshot: (work) => {
      begin.run();
      try {
        index.sync();
        return work();
      } finally {
        commit.run();
      }
    },
    close: () => {
      index.release();
      connection.close();
      writer.close();
    },
  };
};
