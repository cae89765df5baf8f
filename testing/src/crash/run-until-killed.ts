/** A program that reports on its standard output, a JSON line at a time, until it is killed at a given moment. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Kills it `lifeMs` after its first line. Resolves to how many lines it gave; one that ends by itself is an error. */
export const runUntilKilled = (
  program: string,
  args: readonly string[],
  lifeMs: number,
  onLine: (line: unknown) => void,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [new URL(program, import.meta.url).pathname, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let heard = 0;
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    createInterface({ input: child.stdout }).on("line", (line) => {
      // The last line may have been cut off by the kill; what it would have said was not said.
      if (!line.endsWith("}")) return;
      if (heard++ === 0) setTimeout(() => child.kill("SIGKILL"), lifeMs);
      onLine(JSON.parse(line));
    });
    child.on("error", reject).on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve(heard);
      else reject(new Error(`${program} ended by itself: ${complaint}`));
    });
  });
