import { test } from "vitest";
import { spawn } from "node:child_process";
import { newId } from "@cairn/kernel/id";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers } from "./fixtures/servers.ts";
const describe = await postgresOrSkip();
describe("x", () => {
  test("y", async () => {
    await using servers = await makeServers();
    const spaces = [newId(), newId()];
    const runs = [0, 1].map(
      (n) =>
        new Promise<void>((resolve) => {
          const child = spawn(process.execPath, ["/tmp/w8/crash-worker.ts", servers.database.url, `w${n}`, ...spaces], {
            stdio: ["ignore", "pipe", "inherit"],
          });
          let c = 0;
          child.stdout.on("data", () => {
            if (c++ === 0) setTimeout(() => child.kill("SIGKILL"), 1500);
          });
          child.on("close", () => resolve());
        }),
    );
    await Promise.all(runs);
  });
});
