/**
 * Lets an installed copy run from TypeScript. Node strips types everywhere but under node_modules, and a package
 * made by plain `npm pack` in a clone lies there with its sources. Loaded with `--import`, so that worker threads
 * have it as well. What was stripped is kept in a folder of the user's, named by a hash of the source.
 *
 * The package made by `npm run pack:release` holds JavaScript and never comes here.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import module from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cacheFolder } from "./cache-folder.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = pathToFileURL(join(root, "packages") + sep).href;
const cache = join(cacheFolder(), "stripped", process.version);

/** @param {string} file */
const stripped = (file) => {
  const source = readFileSync(file, "utf8");
  const kept = join(cache, `${createHash("sha256").update(source).digest("hex").slice(0, 32)}.js`);
  if (existsSync(kept)) return readFileSync(kept, "utf8");
  const code = module.stripTypeScriptTypes(source);
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
  } catch {
    // Without a place to keep it, the next start strips again.
  }
  return code;
};

module.registerHooks({
  resolve: (specifier, context, next) => {
    const [, name, path] = /^@cairn\/([^/]+)\/(.+)$/u.exec(specifier) ?? [];
    if (name === undefined || path === undefined) return next(specifier, context);
    return next(`${sources}${name}/src/${path}.ts`, context);
  },
  load: (url, context, next) => {
    const [location = ""] = url.split(/[?#]/u);
    if (!location.startsWith(sources) || !location.endsWith(".ts")) return next(url, context);
    return { format: "module", source: stripped(fileURLToPath(location)), shortCircuit: true };
  },
});
