import { readFileSync } from "node:fs";
import { replay } from "@cairn/testing/engine/differential/differential";
import { postgresEngines } from "@cairn/testing/postgres/engines";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { sqliteConformance } from "@cairn/testing/sqlite/space-files";
import { test } from "vitest";
const describe = await postgresOrSkip();
describe("x", () => {
  test("x", async () => {
    const right = postgresEngines({ threads: 0, ...(process.env["KEPT"] ? { keptFrom: 0 } : {}) });
    await replay({ left: sqliteConformance, right }, JSON.parse(readFileSync("/tmp/w9-history.json", "utf8"))[0]);
  }, 600_000);
});
