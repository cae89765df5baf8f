/**
 * The directory's database as its queries see it, SQLite or PostgreSQL: read, write in one transaction, and remember
 * answers for as long as nobody changed what they are about. All that the directory keeps (spaces, organisations, keys,
 * usage, audit, …) is queries over this port, so that each is written once.
 *
 * Kysely is loaded when the first question is asked; queries get it handed in (`Access`) and import only its types.
 */
import type { Kysely, sql } from "kysely";
import type { SqlWords } from "../steps/schema-step.ts";
import type { DirectoryTables } from "../tables.ts";
import type { Known } from "./topic-cache.ts";

export interface Access {
  readonly tables: Kysely<DirectoryTables>;
  readonly sql: typeof sql;
  /** How a few things are said to this database. */
  readonly words: SqlWords;
}

export type Work<Result> = (access: Access) => Promise<Result>;

/** All calls may throw storage.unavailable, storage.busy, storage.read_only, storage.full, storage.newer. */
export interface DirectoryDatabase {
  /** Statements that change nothing; they may be asked again where a connection broke. */
  readonly read: <Result>(work: Work<Result>) => Promise<Result>;
  /** Single statements that change something nobody remembers, each on its own; never asked twice. */
  readonly change: <Result>(work: Work<Result>) => Promise<Result>;
  /**
   * One transaction, with SQLite's write lock from its beginning; it waits for nothing but the database. When it is over,
   * also badly, what was remembered here of the `topics` is forgotten; other servers hear of it (`tell_topic`).
   */
  readonly write: <Result>(topics: readonly string[], work: Work<Result>) => Promise<Result>;
  /** What is remembered under `key`, or what `ask` finds; null, which is not remembered, where it finds nothing. */
  readonly remember: <Value>(key: string, ask: Work<Known<Value> | null>) => Promise<Value | null>;
}
