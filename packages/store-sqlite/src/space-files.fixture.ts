/** A data folder of its own for one test, and engines on it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { engineEmbedder, type EngineConformance } from "@cairn/testing/engine/world";
import { openSqliteEngine, type SqliteEngineOptions } from "./engine.ts";
import { openDatabase } from "./open-database.ts";

export interface SpaceFiles extends AsyncDisposable {
  readonly folder: string;
  readonly space: string;
  readonly file: string;
  readonly open: (more?: Partial<SqliteEngineOptions>) => Engine;
  /** Runs SQL on the file behind the engines' backs; close them first. */
  readonly tamper: (sql: string) => void;
  /** All that the folder holds of this space, as text. */
  readonly bytes: () => string;
}

export const makeSpaceFiles = (): SpaceFiles => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-engine-"));
  const space = newId();
  const file = join(folder, "spaces", `${space}.db`);
  const engines: Engine[] = [];
  const contentOf = (name: string): string => {
    try {
      return readFileSync(name, "latin1");
    } catch {
      return "";
    }
  };
  return {
    folder,
    space,
    file,
    open: (more = {}) => {
      const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0, ...more });
      engines.push(engine);
      return engine;
    },
    tamper: (sql) => {
      const database = openDatabase(file);
      try {
        database.exec(sql);
      } finally {
        database.close();
      }
    },
    bytes: () => contentOf(file) + contentOf(`${file}-wal`),
    [Symbol.asyncDispose]: async () => {
      for (const engine of engines) await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const sqliteConformance = (threads: number): EngineConformance => ({
  takesClock: threads === 0,
  open: async ({ clock } = {}) => {
    const files = makeSpaceFiles();
    const open = () => files.open({ threads, ...(clock !== undefined && { clock }) });
    let engine = open();
    return {
      engine,
      reopen: async () => {
        await engine.close();
        engine = open();
        return engine;
      },
      remove: async () => files[Symbol.asyncDispose](),
    };
  },
});
