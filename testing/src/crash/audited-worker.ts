/**
 * A process that remembers through the pipeline, audited, until it is killed; it says each memory that was acknowledged.
 *
 * Arguments: data folder.
 */
import { join } from "node:path";
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { spacesOver } from "@cairn/directory/spaces-over";
import { tenantsOver } from "@cairn/directory/tenants";
import { remember } from "@cairn/operations/operations/memories/remember";
import { makePipeline } from "@cairn/operations/pipeline";
import { openLedger } from "@cairn/server/ledger/open-ledger";
import { setUpOperations } from "../setup-operations.ts";
import { openEngineAt } from "./open-engine.ts";
import { engineEmbedder } from "../engine/world.ts";

const [data = ""] = process.argv.slice(2);
const database = openSqliteDatabase({ file: join(data, "directory.db") });
const directory = { ...spacesOver(database, Date.now), close: database.close };
const plainEngine = openEngineAt(data, 1);
const ledger = openLedger({
  database,
  engine: plainEngine,
  directory,
  data,
  instance: "child",
  clock: Date.now,
  failed: (error) => process.stderr.write(`${String(error)}\n`),
  everyMs: 20,
});
const { services, caller } = setUpOperations({
  engine: ledger.engine,
  directory,
  tenants: tenantsOver(database, Date.now),
  embedderOf: async () => engineEmbedder,
  embedder: engineEmbedder,
});
const pipeline = makePipeline(services, { audits: async () => true, observe: ledger.record });
ledger.start();
const lane = async (name: string): Promise<void> => {
  for (let count = 0; ; count += 1) {
    const content = `The ${name} number ${count} of process ${process.pid} is ${Math.random()}.`;
    const { memoryId } = await pipeline.call(remember, caller, { content, skipDedup: true });
    process.stdout.write(`${JSON.stringify({ id: memoryId })}\n`);
  }
};
await Promise.all(["first", "second", "third"].map(lane));
