import { alice, itemOf } from "@cairn/testing/engine/world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeTwoCells } from "@cairn/testing/postgres/two-cells";
import { expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

const describe = await postgresOrSkip();

describe("ENG-8 cairn admin", () => {
  test("lists the cells, says where a space is, moves it and takes a move back", async () => {
    await using two = await makeTwoCells();
    await using cli = await setUpCli();
    const { engine, directory } = two.serve();
    const { id } = await directory.create({ name: "Team", description: null });
    await engine.write(id, alice).remember([await itemOf("Nora lives in Oslo")], false);
    const env = { CAIRN_DATABASE_URL: two.first.url, CAIRN_CELLS: `second=${two.second.url}` };
    const run = (...words: readonly string[]) => cli.run(["admin", ...words], { env });

    const cells = await run("cells");
    expect(cells.code).toBe(0);
    expect(cells.out).toMatch(/^default +2 +0 +ready +PostgreSQL at 127\.0\.0\.1/mu);
    expect(cells.out).toMatch(/^second +0 +0 +ready/mu);
    expect(cells.out).not.toContain("postgres:");
    expect((await run("space", "where", "team")).out).toBe("Team is in the cell default.\n");

    const moved = await run("space", "move", "team", "--to", "second");
    expect([moved.code, moved.out]).toEqual([
      0,
      expect.stringMatching(/^Team is in the cell second\. Writers waited \d/u),
    ]);
    expect(moved.err).toMatch(
      /^Copying\nComparing\n(?:Copying\n)?Writers wait.*\n(?:Copying\n)?Switching\nRemoving.*\nDone\n$/u,
    );
    expect((await run("space", "where", id, "--json")).json).toEqual({
      id,
      name: "Team",
      cell: "second",
      epoch: 4,
      move: null,
    });
    await directory.caughtUp();
    expect((await engine.read(id).stats()).memories).toBe(1);

    await directory.advanceMove((await directory.resolve(id))!, { kind: "start", to: null });
    expect((await run("space", "where", "team")).out).toContain("moving from second to default: being copied");
    expect((await run("space", "move", "team", "--to", "second")).code).not.toBe(0);
    const back = await run("space", "move", "team", "--abandon", "--json");
    expect(back.json).toMatchObject({ abandoned: true, cell: "second", move: null });
    expect((await run("space", "move", "team", "--abandon")).out).toBe("Team is not being moved.\n");
    expect((await run("cells", "--json")).json).toMatchObject({
      cells: [{ name: "default" }, { name: "second", spaces: 1 }],
    });
  });

  test.for([
    [["cells", "more"], 2, "one argument too many"],
    [["space"], 2, "needs more"],
    [["space", "where"], 6, "Which space?"],
    [["space", "move", "default"], 6, "--to CELL"],
    [["space", "move", "default", "--to", "x", "--abandon"], 6, "--to CELL"],
    [["space", "where", "default"], 6, "only databases"],
  ] as const)("refuses %j", async ([words, code, message]) => {
    await using cli = await setUpCli();
    const outcome = await cli.run(["admin", ...words]);
    expect(outcome).toMatchObject({ code, err: expect.stringContaining(message) as string });
  });

  test("refuses a cell that the settings do not name, and settings that name none rightly", async () => {
    await using two = await makeTwoCells();
    await using cli = await setUpCli();
    const env = { CAIRN_DATABASE_URL: two.first.url, CAIRN_CELLS: `second=${two.second.url}` };
    const far = await cli.run(["admin", "space", "move", "default", "--to", "third"], { env });
    expect(far).toMatchObject({ code: 6, err: expect.stringContaining("the cell third") as string });
    expect((await two.serve().directory.resolve("default"))?.move).toBeNull();
    const wrong = { ...env, CAIRN_CELLS: `SECOND=${two.second.url}` };
    const refused = await cli.run(["admin", "cells"], { env: wrong });
    expect(refused.code).toBe(6);
    expect(refused.err).toContain("CAIRN_CELLS");
    expect(refused.err).not.toContain("postgres://postgres");
  });
});
