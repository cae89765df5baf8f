import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { newId } from "@cairn/kernel/id";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { openPostgresEngine } from "@cairn/store-postgres/engine";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import { makeAsker, store } from "./tenants.ts";
import { percentiles } from "./statistics.ts";
const url = "postgres://postgres@127.0.0.1:55499/profile";
await migrateMemory({ url });
const embedder = makeStaticEmbedder();
const engine = openPostgresEngine({ url, model: embedder.model, threads: Number(process.env.T ?? 0), keptFrom: Number(process.env.K ?? 256) });
const size = Number(process.env.SIZE ?? 100);
const file = `/var/tmp/w10s/small-${size}.json`;
if (!existsSync(file)) {
  const templates = Array.from({ length: 10 }, () => newId());
  for (const [at, space] of templates.entries()) await store(engine, embedder, space, at * 100, at * 100 + size);
  writeFileSync(file, JSON.stringify(templates));
}
const templates = JSON.parse(readFileSync(file, "utf8"));
const asker = makeAsker(engine, embedder);
await asker.times(500, templates, 1000);
for (let r = 0; r < Number(process.env.R ?? 3); r++) {
  const c = process.cpuUsage(); const t = performance.now();
  const taken = await asker.times(600, templates, 1000);
  const u = process.cpuUsage(c);
  console.log("cpu ms", ((u.user + u.system) / 1000 / taken.length).toFixed(3), "wall", ((performance.now() - t) / taken.length).toFixed(2), "p50", percentiles(taken).p50.toFixed(2));
}
await engine.close(); await embedder.close();
