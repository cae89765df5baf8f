/** What a step of the directory's schema is made of (`../schema-steps.ts`). */

/** How one thing is said to each database. */
export interface SqlWords {
  readonly database: "sqlite" | "postgres";
  /** Text that is compared byte by byte. */
  readonly text: string;
  /** A whole number of 64 bits. */
  readonly integer: string;
  /** The present, in milliseconds since 1970 UTC. */
  readonly now: string;
  /** What follows a table's columns. */
  readonly endOfTable: string;
}

export interface SchemaStep {
  readonly name: string;
  readonly statements: (words: SqlWords) => readonly string[];
  /** What PostgreSQL needs besides: servers hear of each other's changes, processes on one file look at the file. */
  readonly postgresOnly?: string;
}

/**
 * For `postgresOnly`: whoever remembers an answer about `topic` (a column of the table) forgets it when a row with it is
 * made, changed or removed. `of`: only changes of these columns count. Topics read `<table> <value of the column>`.
 */
export const tellTopic = (table: string, topic: string, of?: readonly string[]): string =>
  `create trigger tell_topic after insert or delete or update${of === undefined ? "" : ` of ${of.join(", ")}`} on ${table}
    for each row execute function tell_topic('${topic}');`;
