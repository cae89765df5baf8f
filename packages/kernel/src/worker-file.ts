/**
 * Where a worker thread's program is.
 *
 * Run from source, it is the TypeScript file beside the module that starts it. In the published package the modules
 * are bundled into one folder, and every `*-worker.ts` is an entry of its own there, as `*-worker.js`. So a worker's
 * base name is unique in the whole repository; the packaging checks that.
 *
 * `moduleUrl` is the caller's `import.meta.url`, `sourceName` the path from it, such as `./store-worker.ts`.
 */
export const workerFile = (moduleUrl: string, sourceName: string): URL => {
  if (new URL(moduleUrl).pathname.endsWith(".ts")) return new URL(sourceName, moduleUrl);
  const baseName = sourceName.slice(sourceName.lastIndexOf("/") + 1);
  return new URL(`./${baseName.replace(/\.ts$/u, ".js")}`, moduleUrl);
};
