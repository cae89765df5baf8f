/** One of the servers of a database looks through its spaces, by leases that end with the server that holds them. */
import { openPostgresLeases } from "@cairn/jobs/postgres-leases";
import { makeFakeSpaceDirectory } from "@cairn/testing/fake-space-directory";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test, vi } from "vitest";
import { walkSpaces } from "./space-walk.ts";

const describe = await postgresOrSkip();

describe("a walk over the spaces of a database", () => {
  test("EMB-4 OPS-5 is made by one server; when that is gone another goes on", async () => {
    await using database = await makeDatabase();
    const directory = makeFakeSpaceDirectory();
    const [first, second] = [openPostgresLeases(database.url), openPostgresLeases(database.url)];
    const walkOf = ({ take }: typeof first) =>
      walkSpaces({ directory, after: 0, every: 0, lead: () => take("walk"), now: () => 0 });
    const [one, other] = [walkOf(first), walkOf(second)];
    for (let round = 0; round < 2; round++) {
      expect(await one.next()).toHaveLength(1);
      expect(await other.next()).toEqual([]);
    }
    await first.close();
    await vi.waitFor(async () => expect(await other.next()).toHaveLength(1), { timeout: 10_000 });
    expect(await one.next()).toEqual([]);
    await other.stop();
    await second.close();
  });
});
