/** The directory's tables as Kysely sees them; the same on SQLite and PostgreSQL. */
export interface SpacesTable {
  readonly id: string;
  readonly name: string;
  /** The name as names are compared: unique. */
  readonly name_key: string;
  readonly description: string | null;
  /** A `RerankMode`; what is no mode of this version leaves it to the server. Absent in an old file that cannot be changed. */
  readonly rerank?: string | null | undefined;
  /** Milliseconds since 1970 UTC; PostgreSQL's driver gives `bigint` columns as texts. */
  readonly created_at: number | string;
  readonly updated_at: number | string;
}

export interface DirectoryTables {
  readonly spaces: SpacesTable;
}
