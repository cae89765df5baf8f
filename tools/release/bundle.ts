import { basename, join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";

/** Packages that stay packages: this one holds a native addon for each platform. */
export const external = ["better-sqlite3-multiple-ciphers"] as const;

export interface Bundle {
  /** Files written, and every module that went into them. */
  readonly files: readonly string[];
  readonly modules: readonly string[];
}

/** Entries by their names in the bundle. Workers keep theirs, because `workerFile` looks for it. */
export const entriesOf = (main: string, workers: readonly string[]): Readonly<Record<string, string>> => {
  const entries: Record<string, string> = { main };
  for (const worker of workers) {
    const name = basename(worker, ".ts");
    if (Object.hasOwn(entries, name)) throw new Error(`Two workers are called ${name}: ${entries[name]}, ${worker}.`);
    entries[name] = worker;
  }
  return entries;
};

/**
 * Bundles the command and each worker thread for Node, all files in one flat folder: modules find workers and data
 * from their own place, and in the bundle that place is the same for all of them.
 */
export const bundle = async (main: string, workers: readonly string[], folder: string): Promise<Bundle> => {
  const build = await rolldown({
    input: { ...entriesOf(main, workers) },
    platform: "node",
    // The CommonJS builds of some packages load their parts by computed names, which no bundler can follow.
    resolve: { mainFields: ["module", "main"] },
    external: [...external],
    treeshake: true,
    onLog: (level, log, report) => report(log.code === "UNRESOLVED_IMPORT" ? "error" : level, log),
  });
  try {
    const { output } = await build.write({
      dir: folder,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "chunk-[name]-[hash].js",
    });
    const chunks = output.filter((file): file is OutputChunk => file.type === "chunk");
    return {
      files: output.map(({ fileName }) => join(folder, fileName)),
      modules: [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds))],
    };
  } finally {
    await build.close();
  }
};
