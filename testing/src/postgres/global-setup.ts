/** Vitest's global setup: offers the run's PostgreSQL server to the test files, and ends it with the run. */
import { openSharedServer, serveSharedServer } from "./shared-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for the run's server. */
    readonly postgresAddress: string;
  }
}

interface Project {
  readonly provide: (key: "postgresAddress", value: string) => void;
}

export const setup = async (project: Project): Promise<() => Promise<void>> => {
  const shared = openSharedServer();
  const { address, skipped, close } = await serveSharedServer(shared);
  project.provide("postgresAddress", address);
  return async () => {
    close();
    await shared[Symbol.asyncDispose]();
    for (const [reason, files] of skipped) {
      console.error(`\nSKIPPED, because there is no PostgreSQL to test with: ${reason}`);
      for (const file of [...files].sort()) console.error(`  ${file}`);
    }
  };
};
