/**
 * The steps that made the engine's schema what it is, in order. Released ones are never edited and never moved: a
 * database knows them by their number and name. Each must leave the tables usable for servers of the version before,
 * which run on meanwhile; what would hold a lock for long (an index, a check of all rows) is an `online` step. New tables
 * get `secured`; a step that changes rows needs `acrossSpaces`.
 */
import { foundation } from "./0001-foundation.ts";
import { largeSpaces } from "./0002-large-spaces.ts";
import { notes } from "./0003-notes.ts";
import type { Migration } from "./run-migrations.ts";
import { secured } from "./secure-tables.ts";

const tablesOf = (sql: string): readonly string[] =>
  Array.from(sql.matchAll(/^CREATE TABLE (\w+)/gmu), ([, name]) => name!);

export const allMigrations: readonly Migration[] = [
  { name: "foundation", sql: foundation + tablesOf(foundation).map(secured).join("") },
  { name: "large spaces", sql: largeSpaces + tablesOf(largeSpaces).map(secured).join("") },
  { name: "notes", sql: notes + tablesOf(notes).map(secured).join("") },
];
