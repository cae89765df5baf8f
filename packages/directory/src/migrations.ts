/**
 * The directory's tables, as steps that only go forward. `user_version` counts the steps a file has taken; each step
 * runs in the transaction that counts it, under SQLite's write lock, so that of several processes that open an old
 * file at once one migrates and the others find it done. Before a file with content is changed, a copy is put beside
 * it. A file of a newer version is refused: an older program must not write what it does not understand.
 */
import { existsSync } from "node:fs";
import { CairnError } from "@cairn/kernel/error";
import type Database from "better-sqlite3-multiple-ciphers";
import { defaultSpaceId, defaultSpaceName } from "./space-directory.ts";

/** Never change a step that was released; add one. Times are milliseconds since 1970 UTC. */
export const migrations: readonly ((database: Database.Database) => void)[] = [
  (database) => {
    database.exec(`
      create table spaces (
        id text not null primary key,
        name text not null,
        name_key text not null unique,
        description text,
        created_at integer not null,
        updated_at integer not null
      ) strict`);
    const now = Date.now();
    database
      .prepare(
        "insert into spaces (id, name, name_key, description, created_at, updated_at) values (?, ?, ?, null, ?, ?)",
      )
      .run(defaultSpaceId, defaultSpaceName, defaultSpaceName, now, now);
  },
  // No check of the value: a later version may know more modes, and an older file must still be read then.
  (database) => void database.exec("alter table spaces add column rerank text"),
];

const versionOf = (database: Database.Database): number => Number(database.pragma("user_version", { simple: true }));

const refuseNewer = (version: number, steps: number): void => {
  if (version <= steps) return;
  throw new CairnError("storage.newer", "The directory file was written by a newer version of Cairn. Update Cairn.");
};

/** `directory.db.v1.bak`: what the file was before a newer Cairn changed it. */
const keepCopy = (database: Database.Database, version: number, steps: number): void => {
  if (version === 0 || version >= steps) return;
  const copy = `${database.name}.v${version}.bak`;
  if (!existsSync(copy)) database.prepare("vacuum into ?").run(copy);
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
