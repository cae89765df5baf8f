import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeEngine } from "@cairn/testing/engine-conformance";
import { engineEmbedder, type EngineConformance } from "@cairn/testing/engine/world";
import { openSqliteEngine } from "./engine.ts";

const conformance = (threads: number): EngineConformance => ({
  takesClock: threads === 0,
  open: async ({ clock } = {}) => {
    const folder = mkdtempSync(join(tmpdir(), "cairn-engine-"));
    const open = () =>
      openSqliteEngine({ folder, model: engineEmbedder.model, threads, ...(clock !== undefined && { clock }) });
    let engine = open();
    return {
      engine,
      reopen: async () => {
        await engine.close();
        engine = open();
        return engine;
      },
      remove: async () => {
        await engine.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
});

describeEngine("SQLite in the calling thread", conformance(0));
describeEngine("SQLite on a thread of its own", conformance(1));
