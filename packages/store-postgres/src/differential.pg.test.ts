import { compareEngines } from "@cairn/testing/engine/differential/differential";
import { postgresEngines } from "@cairn/testing/postgres/engines";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { sqliteConformance } from "@cairn/testing/sqlite/space-files";
import { expect, test } from "vitest";

const describe = await postgresOrSkip();
/** A failure is made shorter before it is told. */
const patienceMs = 3_600_000;
const left = sqliteConformance;

describe("ENG-3 a random history is answered alike by SQLite and by PostgreSQL", () => {
  test(
    "whose index is read anew for each question",
    async () => {
      const right = postgresEngines({ threads: 0 });
      await expect(compareEngines({ left, right }, { runs: 8, steps: 60 })).resolves.toBeUndefined();
    },
    patienceMs,
  );

  test(
    "whose index is kept and follows the log",
    async () => {
      const right = postgresEngines({ threads: 0, keptFrom: 0 });
      await expect(compareEngines({ left, right }, { runs: 8, steps: 60 })).resolves.toBeUndefined();
    },
    patienceMs,
  );

  test(
    "on a thread, by the machine's clock",
    async () => {
      const right = postgresEngines({ threads: 1 });
      await expect(compareEngines({ left, right }, { runs: 2, steps: 20 })).resolves.toBeUndefined();
    },
    patienceMs,
  );
});
