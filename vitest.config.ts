import { defineConfig } from "vitest/config";

/**
 * Tests run as the product runs: Node itself strips the types, without Vite's module runner in between. Each file gets
 * its own process, because many of them start worker threads, open databases and bind ports.
 */
// oxlint-disable-next-line import/no-default-export -- Vitest reads the default export.
export default defineConfig({
  test: {
    include: ["{packages,apps}/**/src/**/*.test.ts", "{bin,spec,testing,bench,tools}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
    globalSetup: ["testing/src/postgres/global-setup.ts"],
    pool: "forks",
    isolate: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
    experimental: { viteModuleRunner: false },
  },
});
