/** A data folder of its own for one test, and engines on it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { engineEmbedder, type EngineConformance } from "../engine/world.ts";
import { openSqliteEngine, type SqliteEngine, type SqliteEngineOptions } from "@cairn/store-sqlite/engine";
import { openDatabase } from "@cairn/store-sqlite/open-database";

export interface SpaceFiles extends AsyncDisposable {
  readonly folder: string;
  readonly space: string;
  readonly file: string;
  readonly open: (more?: Partial<SqliteEngineOptions>) => SqliteEngine;
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

/** Each test on an engine and a folder of its own. */
export const sqliteConformance: EngineConformance = {
  takesClock: true,
  open: async ({ clock } = {}) => {
    const files = makeSpaceFiles();
    const open = () => files.open(clock === undefined ? {} : { clock });
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
};

/** All tests on one engine with a thread, since starting one takes long; those that close it get another. */
export const makeThreadedConformance = (): EngineConformance & AsyncDisposable => {
  const files = makeSpaceFiles();
  let current: Engine | null = null;
  const open = (): Engine => {
    if (current !== null) return current;
    const engine = files.open({ threads: 1 });
    const close = async (): Promise<void> => {
      current = null;
      await engine.close();
    };
    current = { ...engine, close };
    return current;
  };
  return {
    takesClock: false,
    open: async () => ({
      engine: open(),
      reopen: async () => {
        await current?.close();
        return open();
      },
      remove: async () => undefined,
    }),
    [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
  };
};
