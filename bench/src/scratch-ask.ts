import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { openPostgresEngine } from "@cairn/store-postgres/engine";
import { readFileSync } from "node:fs";
import { makeAsker, measureGroups } from "./tenants.ts";
import { percentiles } from "./statistics.ts";
const url = "postgres://postgres@127.0.0.1:55499/postgres";
const groups = JSON.parse(readFileSync("/var/tmp/w10s/groups.json", "utf8"));
const embedder = makeStaticEmbedder();
const engine = openPostgresEngine({ url, model: embedder.model, threads: Number(process.env.T ?? 0), keptFrom: Number(process.env.K ?? 256) });
const asker = makeAsker(engine, embedder);
if (process.env.PROFILE) {
  await asker.times(300, groups[0], 1000);
  const c = process.cpuUsage(); const t = performance.now();
  const taken = await asker.times(Number(process.env.PROFILE), groups[0], 1000);
  const u = process.cpuUsage(c);
  console.log("cpu ms", (u.user + u.system) / 1000 / taken.length, "wall", (performance.now() - t) / taken.length, "p50", percentiles(taken).p50);
} else {
  for (const f of await measureGroups(asker, groups, 1000)) console.log(percentiles(f.times), "cpu", f.cpu.toFixed(3));
}
await engine.close(); await embedder.close();
