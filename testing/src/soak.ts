/**
 * `npm run soak`: a hundred rounds of concurrent writers killed at random moments, each followed by the check that
 * everything acknowledged is found by id, by words and by meaning; at the end all rounds' memories once more.
 * An argument sets another number of rounds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@cairn/kernel/id";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import { findLosses, nothingAcknowledged, runCrashRound } from "./crash/crash-round.ts";
import { engineEmbedder } from "./engine/world.ts";

const rounds = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(join(tmpdir(), "cairn-soak-"));
const spaces = [newId(), newId(), newId()];
const all = nothingAcknowledged();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
let failed = 0;

const report = (losses: readonly string[]): void => {
  failed += losses.length;
  for (const loss of losses.slice(0, 20)) say(`  ${loss}`);
};

for (let round = 1; round <= rounds; round++) {
  const livesMs = [Math.random() * 1_500, Math.random() * 1_500];
  const { acknowledged, losses } = await runCrashRound({ folder, spaces, round, livesMs });
  for (const [id, where] of acknowledged.stored) all.stored.set(id, where);
  for (const id of acknowledged.corrected) all.corrected.add(id);
  for (const id of acknowledged.doubtful) all.doubtful.add(id);
  all.heard.push(...acknowledged.heard);
  say(`round ${round} of ${rounds}: ${acknowledged.stored.size} memories, ${losses.length} losses`);
  report(losses);
}

const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
const losses = await findLosses(engine, spaces, all);
await engine.close();
say(`after ${rounds} rounds: ${all.stored.size} memories, ${losses.length} losses`);
report(losses);
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;
