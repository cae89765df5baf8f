/** What reading keys promises, on whichever database the directory lies: two servers look at the same one. */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { NewKey } from "@cairn/directory/keys/key-directory";
import { keyIdOf, mintKey } from "@cairn/directory/keys/key-format";
import { hashKey, isHashOf, type Peppers, peppersOf } from "@cairn/directory/keys/key-hash";
import { type Tenants, tenantsOver } from "@cairn/directory/tenants";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { Role } from "@cairn/memory/permission/permission";
import { describe, expect, test } from "vitest";
import type { CredentialReader, Shown } from "./credential-readers.ts";
import { makeKeyReader } from "./key-reader.ts";
import { makeLastUses } from "./last-uses.ts";
import { secretsOf } from "./secrets.ts";

export interface ReaderSetup extends AsyncDisposable {
  /** Another server's connection to the directory; it hears of what others change where it has to. */
  readonly open: () => Promise<DirectoryDatabase>;
  /** Resolves when it knows what others wrote. */
  readonly caughtUp: (database: DirectoryDatabase) => Promise<void>;
}

export const [oldSecret, newSecret] = ["an old secret of 32 characters..", "a newer secret of 32 characters."];

export const shownWith = (bearer: string | null, changes: Partial<Shown> = {}): Shown => ({
  bearer,
  headers: new Headers(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
  organisation: null,
  address: "192.0.2.1",
  unsafe: false,
  ...changes,
});

export interface Server {
  readonly database: DirectoryDatabase;
  readonly tenants: Tenants;
  readonly read: CredentialReader;
  readonly notices: readonly string[];
  readonly uses: ReturnType<typeof makeLastUses>;
}

/** A server with these secrets, the newest first. */
export const serverOn = (
  database: DirectoryDatabase,
  clock: () => number,
  secrets: readonly string[] = [oldSecret],
): Server => {
  const tenants = tenantsOver(database, clock);
  const uses = makeLastUses({ keys: tenants.keys, clock });
  const notices: string[] = [];
  const read = makeKeyReader({
    keys: tenants.keys,
    organisations: tenants.organisations,
    peppers: peppersOf(secretsOf(secrets)),
    clock,
    uses,
    notice: (_level, line) => notices.push(line),
  });
  return { database, tenants, read, notices, uses };
};

const peppers: Peppers = peppersOf(secretsOf([oldSecret]));

/** Makes a key and answers it whole. */
export const makeKey = async ({ tenants }: Server, changes: Partial<NewKey> = {}): Promise<string> => {
  const { id, key } = mintKey();
  await tenants.keys.create({
    id,
    organisation: homeOrganisation,
    owner: null,
    role: "editor",
    space: null,
    label: "A key",
    scopes: ["memories:read"],
    instance: null,
    addresses: null,
    replaces: null,
    createdBy: "local",
    expiresAt: null,
    ...hashKey(peppers.current, key),
    ...changes,
  });
  return key;
};

export const describeKeyReader = (name: string, setUp: () => Promise<ReaderSetup>): void => {
  const world = async () => {
    const setup = await setUp();
    let now = Date.parse("2026-03-14T12:00:00Z");
    const clock = (): number => now;
    const [one, other] = [serverOn(await setup.open(), clock), serverOn(await setup.open(), clock)];
    return {
      one,
      other,
      caughtUp: () => setup.caughtUp(other.database),
      another: async (secrets: readonly string[]) => serverOn(await setup.open(), clock, secrets),
      pass: (milliseconds: number) => {
        now += milliseconds;
      },
      clock,
      [Symbol.asyncDispose]: async () => {
        await Promise.all([one.uses.close(), other.uses.close()]);
        await setup[Symbol.asyncDispose]();
      },
    };
  };

  const addMember = ({ tenants }: Server, principal: string, role: Role) =>
    tenants.organisations.setMember(homeOrganisation, { principal, role, by: "local" });

  describe(`reading keys: ${name}`, () => {
    test("TEN-2 a key that stands for itself has its own role, and all that it was made with", async () => {
      await using setup = await world();
      const key = await makeKey(setup.one, { space: "space-1", instance: "agent-7", expiresAt: setup.clock() + 1_000 });
      const id = keyIdOf(key) ?? "";
      expect(await setup.other.read(shownWith(key))).toEqual({
        principal: `key:${id}`,
        credential: "key",
        organisation: homeOrganisation,
        role: "editor",
        administrator: false,
        scopes: ["memories:read"],
        space: "space-1",
        key: id,
        instance: "agent-7",
        until: setup.clock() + 1_000,
      });
    });

    test("TEN-2 a person's key is the person, with the role it has now, until it leaves", async () => {
      await using setup = await world();
      const owner = "user:anna";
      await addMember(setup.one, "user:root", "admin");
      await addMember(setup.one, owner, "viewer");
      const key = await makeKey(setup.one, { owner, role: null });
      expect(await setup.other.read(shownWith(key))).toMatchObject({ principal: owner, role: "viewer" });
      await addMember(setup.one, owner, "admin");
      await setup.caughtUp();
      expect(await setup.other.read(shownWith(key))).toMatchObject({ role: "admin", administrator: true });
      await setup.one.tenants.organisations.removeMember(homeOrganisation, owner);
      await setup.caughtUp();
      expect(await setup.other.read(shownWith(key))).toBeNull();
      // Coming back does not bring the key back.
      await addMember(setup.one, owner, "viewer");
      await setup.caughtUp();
      expect(await setup.other.read(shownWith(key))).toBeNull();
    });

    test("TEN-2 what is revoked on one server is no good on the other, nor on the same", async () => {
      await using setup = await world();
      const key = await makeKey(setup.one);
      for (const { read } of [setup.one, setup.other]) expect(await read(shownWith(key))).not.toBeNull();
      await setup.one.tenants.keys.revoke(homeOrganisation, keyIdOf(key) ?? "");
      await setup.caughtUp();
      for (const { read } of [setup.one, setup.other]) expect(await read(shownWith(key))).toBeNull();
    });

    test("TEN-2 a rotated key works through its grace, and not a moment longer", async () => {
      await using setup = await world();
      const key = await makeKey(setup.one);
      expect(await setup.other.read(shownWith(key))).not.toBeNull();
      const { id, key: next } = mintKey();
      const record = (await setup.one.tenants.keys.lookUp(homeOrganisation, keyIdOf(key) ?? ""))!;
      const made = { ...record, id, ...hashKey(peppers.current, next) };
      await setup.one.tenants.keys.rotate(homeOrganisation, record.id, made, setup.clock() + 1_000);
      await setup.caughtUp();
      for (const one of [key, next]) expect(await setup.other.read(shownWith(one))).not.toBeNull();
      setup.pass(999);
      expect(await setup.other.read(shownWith(key))).not.toBeNull();
      setup.pass(1);
      expect(await setup.other.read(shownWith(key))).toBeNull();
      expect(await setup.other.read(shownWith(next))).not.toBeNull();
    });

    test("TEN-2 a key hashed under an older secret works, and is hashed anew when it is used", async () => {
      await using setup = await world();
      const key = await makeKey(setup.one);
      const id = keyIdOf(key) ?? "";
      const both = await setup.another([newSecret, oldSecret]);
      expect(await both.read(shownWith(key))).not.toBeNull();
      const current = peppersOf(secretsOf([newSecret])).current;
      const proof = await both.tenants.keys.find(id);
      expect(proof?.pepper).toBe(current.id);
      expect(isHashOf(current, key, proof?.hash ?? "")).toBe(true);
      // The old secret can go now; who still has only that one refuses.
      const newOnly = await setup.another([newSecret]);
      expect(await newOnly.read(shownWith(key))).not.toBeNull();
      await setup.caughtUp();
      expect(await setup.other.read(shownWith(key))).toBeNull();
    });

    test("TEN-2 a key whose secret is gone is refused, with a line that names it by its id alone", async () => {
      await using setup = await world();
      const key = await makeKey(setup.one);
      const id = keyIdOf(key) ?? "";
      const server = await setup.another([newSecret]);
      for (let at = 0; at < 5; at += 1) expect(await server.read(shownWith(key))).toBeNull();
      expect(server.notices).toEqual([expect.stringContaining(id)]);
      const [line = ""] = server.notices;
      const secret = key.slice(-49);
      for (let at = 0; at + 6 <= secret.length; at += 1) expect(line).not.toContain(secret.slice(at, at + 6));
      expect((await setup.one.tenants.keys.find(id))?.pepper).toBe(peppers.current.id);
    });

    test("TEN-2 notes the last use once a server writes it, and not for what was refused", async () => {
      await using setup = await world();
      const [used, refused] = [await makeKey(setup.one), await makeKey(setup.one, { addresses: ["198.51.100.0/24"] })];
      await setup.one.read(shownWith(used));
      setup.pass(5_000);
      await setup.one.read(shownWith(used, { address: "192.0.2.9" }));
      await setup.one.read(shownWith(refused));
      const usedAt = async (key: string) =>
        (await setup.one.tenants.keys.lookUp(homeOrganisation, keyIdOf(key) ?? ""))?.lastUsedAt;
      expect(await usedAt(used)).toBeNull();
      await setup.one.uses.close();
      expect(await usedAt(used)).toBe(setup.clock());
      expect(await usedAt(refused)).toBeNull();
    });
  });
};
