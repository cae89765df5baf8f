/** Whether this Node and the SQLite driver are those that Cairn works with. */
import { createRequire } from "node:module";
import { type Finding, ok, problem } from "./finding.ts";

const leastMajor = 24;

export const checkMachine = async (nodeVersion: string = process.versions.node): Promise<readonly Finding[]> => {
  const major = Number.parseInt(nodeVersion, 10);
  if (major < leastMajor) {
    // The driver ends the process on older versions, so it is not even loaded.
    return [
      problem(
        "node",
        `This is Node ${nodeVersion}; Cairn needs ${leastMajor} or later.`,
        `Install Node ${leastMajor} from https://nodejs.org`,
      ),
    ];
  }
  const node = ok("node", `Node ${nodeVersion} on ${process.platform} ${process.arch}`);
  try {
    const { default: Database } = await import("better-sqlite3-multiple-ciphers");
    const database = new Database(":memory:");
    const sqlite = String(database.prepare("SELECT sqlite_version()").pluck().get());
    database.close();
    const { version } = createRequire(import.meta.url)("better-sqlite3-multiple-ciphers/package.json") as {
      version: string;
    };
    return [node, ok("driver", `SQLite ${sqlite} (driver ${version})`)];
  } catch {
    return [
      node,
      problem(
        "driver",
        "The SQLite driver cannot be loaded.",
        "Install again: npm ci in a clone, npm install -g cairn-memory otherwise",
      ),
    ];
  }
};
