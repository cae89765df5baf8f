import { compareEngines } from "@cairn/testing/engine/differential/differential";
import { postgresEngines } from "@cairn/testing/postgres/engines";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { sqliteConformance } from "@cairn/testing/sqlite/space-files";
import { expect, test } from "vitest";

const describe = await postgresOrSkip();

describe("ENG-3 a random history on both engines", () => {
  test("is answered alike where PostgreSQL's index is read anew for each question", async () => {
    const right = postgresEngines({ threads: 0 });
    await expect(compareEngines({ left: sqliteConformance, right }, { runs: 4, steps: 60 })).resolves.toBeUndefined();
  }, 600_000);

  test("is answered alike where PostgreSQL's index is kept and follows the log", async () => {
    const right = postgresEngines({ threads: 0, keptFrom: 0 });
    await expect(compareEngines({ left: sqliteConformance, right }, { runs: 4, steps: 60 })).resolves.toBeUndefined();
  }, 600_000);
});
