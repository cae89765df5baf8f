import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteDatabase, type SqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { keyIdOf, mintKey } from "@cairn/directory/keys/key-format";
import { hashKey, peppersOf } from "@cairn/directory/keys/key-hash";
import { CairnError } from "@cairn/kernel/error";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { describeKeyReader, makeKey, newSecret, oldSecret, serverOn, shownWith } from "./key-reader.fixture.ts";
import { makeKeyReader } from "./key-reader.ts";
import { secretsOf } from "./secrets.ts";

const setUp = async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-key-reader-"));
  const opened: SqliteDatabase[] = [];
  return {
    open: async () => {
      const database = openSqliteDatabase({ file: join(folder, "directory.db") });
      opened.push(database);
      return database;
    },
    caughtUp: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describeKeyReader("SQLite", setUp);

const world = async () => {
  const setup = await setUp();
  let now = Date.parse("2026-03-14T12:00:00Z");
  const clock = () => now;
  const server = serverOn(await setup.open(), clock);
  return { ...setup, ...server, server, clock, pass: (milliseconds: number) => void (now += milliseconds) };
};

describe("a key", () => {
  test.each([
    ["10.1.2.3", true],
    ["::ffff:10.1.2.3", true],
    ["2001:db8::7", true],
    ["192.0.2.1", false],
    ["::ffff:192.0.2.1", false],
    ["2001:db9::7", false],
    [null, false],
  ])("TEN-2 with a list of addresses, from %s: %s", async (address, isGood) => {
    await using setup = await world();
    const key = await makeKey(setup.server, { addresses: ["10.0.0.0/8", "2001:db8::/32"] });
    expect((await setup.read(shownWith(key, { address }))) !== null).toBe(isGood);
  });

  test("TEN-2 expires at its moment", async () => {
    await using setup = await world();
    const key = await makeKey(setup.server, { expiresAt: setup.clock() + 1_000 });
    setup.pass(999);
    expect(await setup.read(shownWith(key))).not.toBeNull();
    setup.pass(1);
    expect(await setup.read(shownWith(key))).toBeNull();
  });

  test("TEN-2 acts in its own organisation, whichever is named", async () => {
    await using setup = await world();
    const key = await makeKey(setup.server);
    for (const organisation of [null, homeOrganisation, "home"]) {
      expect(await setup.read(shownWith(key, { organisation }))).toMatchObject({ organisation: homeOrganisation });
    }
    for (const organisation of ["", "other", "0198f6a2-7c1e-7b4a-9d52-3f1c2a6b8e01"]) {
      expect(await setup.read(shownWith(key, { organisation }))).toBeNull();
    }
  });

  test("TEN-2 of a suspended organisation says so, but only to who has the key", async () => {
    await using setup = await world();
    const { id: organisation } = await setup.tenants.organisations.create({ name: "Acme", createdBy: "local" });
    const key = await makeKey(setup.server, { organisation });
    await setup.tenants.organisations.update(organisation, { status: "suspended" });
    await expect(setup.read(shownWith(key))).rejects.toMatchObject({ code: "organisation.suspended" });
    const { key: other } = mintKey();
    const guessed = await makeKey(setup.server, {
      organisation,
      ...hashKey(peppersOf(secretsOf([oldSecret])).current, other),
    });
    expect(await setup.read(shownWith(guessed))).toBeNull();
  });

  test("TEN-2 of an organisation that is gone is gone with it", async () => {
    await using setup = await world();
    const { id: organisation } = await setup.tenants.organisations.create({ name: "Acme", createdBy: "local" });
    const key = await makeKey(setup.server, { organisation });
    expect(await setup.read(shownWith(key))).toMatchObject({ organisation });
    await setup.tenants.organisations.remove(organisation);
    expect(await setup.read(shownWith(key))).toBeNull();
  });

  test("TEN-2 with a role or scopes of a later version gives no more than this one knows", async () => {
    await using setup = await world();
    const key = await makeKey(setup.server);
    const id = keyIdOf(key) ?? "";
    const set = (row: object) =>
      setup.database.write([`keys ${id}`], ({ tables }) =>
        tables.updateTable("keys").set(row).where("id", "=", id).execute(),
      );
    await set({ scopes: "memories:read memories:divine" });
    expect(await setup.read(shownWith(key))).toMatchObject({ scopes: ["memories:read"] });
    await set({ role: "overlord" });
    expect(await setup.read(shownWith(key))).toBeNull();
  });

  test("TEN-2 is asked for nowhere when its checksum is wrong", async () => {
    let asked = 0;
    const read = makeKeyReader({
      keys: {
        find: async () => {
          asked += 1;
          return null;
        },
        rehash: async () => undefined,
      },
      organisations: { find: async () => null, roleOf: async () => null },
      peppers: peppersOf(secretsOf([oldSecret])),
      clock: Date.now,
      uses: { used: () => undefined },
      notice: () => undefined,
    });
    const { key } = mintKey();
    for (const bad of [
      key.slice(0, -1),
      `${key}x`,
      `${key.slice(0, -6)}000000`,
      "cairn_",
      `cairn_${"a".repeat(100_000)}`,
    ]) {
      expect(await read(shownWith(bad))).toBeNull();
    }
    expect(asked).toBe(0);
    expect(await read(shownWith(key))).toBeNull();
    expect(asked).toBe(1);
  });

  test("TEN-2 that cannot be hashed anew just now is good all the same, and the next try waits", async () => {
    await using setup = await world();
    const key = await makeKey(setup.server);
    const { keys, organisations } = setup.tenants;
    const notices: string[] = [];
    let tries = 0;
    const read = makeKeyReader({
      keys: {
        ...keys,
        rehash: async () => {
          tries += 1;
          throw new CairnError("storage.read_only", "Read only.");
        },
      },
      organisations,
      peppers: peppersOf(secretsOf([newSecret, oldSecret])),
      clock: setup.clock,
      uses: setup.uses,
      notice: (_level, line) => notices.push(line),
    });
    for (let at = 0; at < 3; at += 1) expect(await read(shownWith(key))).not.toBeNull();
    expect(tries).toBe(1);
    expect(notices).toEqual([expect.stringContaining("storage.read_only")]);
    setup.pass(60_000);
    await read(shownWith(key));
    expect(tries).toBe(2);
  });

  test("TEN-2 is not let in while the directory cannot be asked", async () => {
    await using setup = await world();
    const key = await makeKey(setup.server);
    const failing = new CairnError("storage.unavailable", "Gone.");
    const { keys, organisations } = setup.tenants;
    const options = { keys, organisations, peppers: peppersOf(secretsOf([oldSecret])), clock: setup.clock };
    const rest = { uses: setup.uses, notice: () => undefined };
    const fails = async (): Promise<never> => Promise.reject(failing);
    for (const broken of [
      { keys: { ...keys, find: fails } },
      { organisations: { ...organisations, find: fails, roleOf: fails } },
    ]) {
      await expect(makeKeyReader({ ...options, ...rest, ...broken })(shownWith(key))).rejects.toBe(failing);
    }
  });
});
