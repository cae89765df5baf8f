/**
 * Brings the directory's SQLite file up to date (`schema-steps.ts`). `user_version` counts the steps a file has taken;
 * each step runs in the transaction that counts it, under SQLite's write lock, so that of several processes that open
 * an old file at once one migrates and the others find it done. Before a file with content is changed, a copy is put
 * beside it. A file of a newer version is refused: an older program must not write what it does not understand.
 */
import { existsSync } from "node:fs";
import { CairnError } from "@cairn/kernel/error";
import Database from "better-sqlite3-multiple-ciphers";
import { schemaSteps, sqliteWords } from "./schema-steps.ts";
import type { SchemaStep } from "./steps/schema-step.ts";

const sqliteStep =
  ({ statements }: SchemaStep) =>
  (database: Database.Database): void => {
    for (const statement of statements(sqliteWords)) database.exec(statement);
  };

export const migrations: readonly ((database: Database.Database) => void)[] = schemaSteps.map(sqliteStep);

/** How many steps the file has taken. */
export const versionOf = (database: Database.Database): number =>
  Number(database.pragma("user_version", { simple: true }));

const refuseNewer = (version: number, steps: number): void => {
  if (version <= steps) return;
  throw new CairnError("storage.newer", "The directory file was written by a newer version of Cairn. Update Cairn.");
};

/** What is purged later must not live on in a copy: the answers in it (`kept-answers.ts`) are of use to nobody. */
const withoutAnswers = (copy: string): void => {
  const database = new Database(copy);
  try {
    const found = database.prepare("select 1 from sqlite_schema where name = 'kept_answers'").get();
    if (found === undefined) return;
    database.pragma("secure_delete = on");
    database.exec("delete from kept_answers; vacuum");
  } finally {
    database.close();
  }
};

/** `directory.db.v1.bak`: what the file was before a newer Cairn changed it. */
const keepCopy = (database: Database.Database, version: number, steps: number): void => {
  if (database.memory || version === 0 || version >= steps) return;
  const copy = `${database.name}.v${version}.bak`;
  if (existsSync(copy)) return;
  database.prepare("vacuum into ?").run(copy);
  withoutAnswers(copy);
};

/** Brings the file up to date. Throws storage.newer, or SQLite's own errors. */
export const migrate = (database: Database.Database, steps = migrations): void => {
  const version = versionOf(database);
  refuseNewer(version, steps.length);
  if (version === steps.length) return;
  keepCopy(database, version, steps.length);
  database
    .transaction(() => {
      // Someone else may have done it between the look before and the lock.
      const reached = versionOf(database);
      refuseNewer(reached, steps.length);
      for (const step of steps.slice(reached)) step(database);
      database.pragma(`user_version = ${steps.length}`);
    })
    .immediate();
};
