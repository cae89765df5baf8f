/**
 * `npm run bench -- page --data PATH`: everything that docs/benchmarks.md shows, measured anew one after the other,
 * each in a process of its own as if it had been typed. Half an hour on two cores.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { endsWithUs } from "./children.ts";

export interface PageOptions {
  readonly data: string;
  /** A folder with a model, for the tier above the built-in one; left out when null. */
  readonly embedder: string | null;
}

const root = join(import.meta.dirname, "../..");

const commandsOf = ({ data, embedder }: PageOptions): readonly (readonly string[])[] => {
  const model = embedder === null ? [] : ["--embedder", embedder];
  const both = embedder === null ? [[]] : [[], model];
  return [
    ["recall", "--keep"],
    ["recall", "--data", data, "--plain", "--keep"],
    ...both.map((given) => ["recall", "--data", data, "--budget", "900", "--keep", ...given]),
    ...both.map((given) => ["peers", "--data", data, "--keep", ...given]),
    ["embed", "--keep", ...(embedder === null ? [] : ["--embedder", `builtin,${embedder}`])],
    ["queue", "--keep"],
    ["speed", "--sizes", "1000,10000,100000", "--keep"],
    ["report"],
  ];
};

/** True when everything ran and nothing is worse than its baseline; what failed does not keep the rest from running. */
export const benchPage = async (options: PageOptions): Promise<boolean> => {
  let good = true;
  for (const args of commandsOf(options)) {
    console.log(`\n$ npm run bench -- ${args.join(" ")}`);
    const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [status] = (await once(endsWithUs(child), "exit")) as [number | null];
    good &&= status === 0;
  }
  return good;
};
