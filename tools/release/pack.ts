/**
 * `npm run pack:release`: makes the package that is published, in dist/package, and its tarball in dist.
 *
 * Node does not strip types under node_modules, so what is published is JavaScript: the command and its workers
 * bundled, beside the data that they read and the launcher that checks Node's version first.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runNpm } from "../../bin/npm.js";
import { bundle, external } from "./bundle.ts";
import { copies } from "./copies.ts";
import { bundledLicences } from "./licences.ts";
import { publishedManifest, type RootManifest } from "./manifest.ts";

const root = join(import.meta.dirname, "..", "..");
const dist = join(root, "dist");
const folder = join(dist, "package");

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const workers = globSync("packages/*/src/**/*-worker.ts", { cwd: root }).map((file) => join(root, file));
const { modules } = await bundle(join(root, "packages", "cli", "src", "main.ts"), workers.toSorted(), folder);
for (const [from, to] of copies) {
  if (existsSync(join(root, from))) cpSync(join(root, from), join(folder, to), { recursive: true });
}
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as RootManifest;
writeFileSync(join(folder, "package.json"), `${JSON.stringify(publishedManifest(manifest, external), undefined, 2)}\n`);
writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), `${bundledLicences(modules)}\n`);

const { status, output } = await runNpm(["pack", "--pack-destination", dist, "--loglevel=error"], folder, process.env);
if (status === 0) {
  const tarball = join(dist, `${manifest.name}-${manifest.version}.tgz`);
  console.log(`${tarball} (${(statSync(tarball).size / 1e6).toFixed(1)} MB)`);
} else {
  console.error(output);
  process.exitCode = 1;
}
