/**
 * What every `KeyDirectory` promises. Handles of one `setup` look at the same directory, as servers on one database do;
 * their clock is the setup's.
 */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { type KeyDirectory, keyLimits } from "@cairn/directory/keys/key-directory";
import { hashKey, isHashOf } from "@cairn/directory/keys/key-hash";
import { mintKey } from "@cairn/directory/keys/key-format";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { addOrganisation, countRows, day, fill, newKey, pepper } from "./keys-samples.ts";

export interface KeysHandle {
  readonly keys: KeyDirectory;
  readonly database: DirectoryDatabase;
}

export interface KeysSetup extends AsyncDisposable {
  /** Another server on the same directory, which hears of what others change where it has to. */
  readonly open: () => Promise<KeysHandle>;
  /** Resolves when a handle knows what others wrote, where it hears of it a moment later. */
  readonly caughtUp?: (handle: KeysHandle) => Promise<void>;
  readonly pass: (milliseconds: number) => void;
  /** The setup's clock. */
  readonly now: () => number;
}

export const describeKeys = (name: string, setUp: () => Promise<KeysSetup>): void => {
  describe(`the directory of keys: ${name}`, () => {
    test("TEN-2 keeps all that was said of a key, and what recognises it", async () => {
      await using setup = await setUp();
      const { keys } = await setup.open();
      const made = newKey({
        owner: "user:1",
        role: null,
        space: newId(),
        label: "Laptop",
        instance: "agent-7",
        addresses: ["10.0.0.0/8", "2001:db8::/32"],
        createdBy: "user:1",
        expiresAt: setup.now() + day,
      });
      const record = await keys.create(made);
      const { pepper: _pepper, hash: _hash, ...told } = made;
      expect(record).toEqual({ ...told, createdAt: setup.now(), revokedAt: null, lastUsedAt: null });
      expect(await keys.lookUp(homeOrganisation, made.id)).toEqual(record);
      expect(await keys.find(made.id)).toEqual({ record, pepper: made.pepper, hash: made.hash });
    });

    test("TEN-2 counts by pepper those that still work, of all organisations", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const { keys } = handle;
      const other = await addOrganisation(handle);
      await keys.create(newKey());
      await keys.create(newKey({ organisation: other }));
      await keys.create(newKey({ pepper: "pepper-2", expiresAt: setup.now() + day }));
      const gone = await keys.create(newKey({ pepper: "pepper-3" }));
      await keys.revoke(homeOrganisation, gone.id);
      expect([...(await keys.countByPepper())]).toEqual([
        ["pepper-1", 2],
        ["pepper-2", 1],
      ]);
      setup.pass(day);
      expect([...(await keys.countByPepper())]).toEqual([["pepper-1", 2]]);
    });

    test("TEN-2 keeps nothing of the secret, in any column", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const { id, key } = mintKey();
      await handle.keys.create(newKey({ id, ...hashKey(pepper, key) }));
      const rows = await handle.database.read(({ tables }) =>
        tables.selectFrom("keys").selectAll().where("id", "=", id).execute(),
      );
      const stored = JSON.stringify(rows);
      expect(stored).toContain(id);
      // No piece of the secret that is long enough to be no accident.
      const secret = key.slice(-49);
      for (let at = 0; at + 8 <= secret.length; at += 1) expect(stored).not.toContain(secret.slice(at, at + 8));
    });

    test("TEN-2 knows nothing of keys that are not there, and of what is no key's id", async () => {
      await using setup = await setUp();
      const { keys } = await setup.open();
      const unknown = mintKey().id;
      for (const id of [unknown, "", "x", "x".repeat(10_000), "' or 1=1 --", unknown.slice(1)]) {
        expect(await keys.find(id)).toBeNull();
        expect(await keys.lookUp(homeOrganisation, id)).toBeNull();
        await expect(keys.revoke(homeOrganisation, id)).rejects.toMatchObject({ code: "key.not_found" });
      }
    });

    test("TEN-2 another organisation's key is as if it were not there", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const { keys } = handle;
      const other = await addOrganisation(handle);
      const { id } = await keys.create(newKey());
      const answers = [
        () => keys.update(other, id, { label: "Mine" }),
        () => keys.revoke(other, id),
        () => keys.rotate(other, id, newKey({ organisation: other }), setup.now() + day),
        () => keys.update(other, mintKey().id, { label: "Mine" }),
      ];
      const said = await Promise.all(answers.map((ask) => ask().then(String, String)));
      expect(new Set(said).size).toBe(1);
      expect(said[0]).toContain("There is no such key");
      expect(await keys.lookUp(other, id)).toBeNull();
      expect(await keys.list(other, { limit: 10 })).toEqual([]);
      await expect(keys.list(other, { limit: 10, before: id })).rejects.toMatchObject({ code: "request.invalid" });
      expect((await keys.find(id))?.record).toMatchObject({ label: "A key", revokedAt: null });
      // A rotation that was refused has left no new key behind either.
      expect(await countRows(handle, other)).toBe(0);
    });

    test("TEN-2 makes keys only for an organisation that is there", async () => {
      await using setup = await setUp();
      const { keys } = await setup.open();
      await expect(keys.create(newKey({ organisation: newId() }))).rejects.toMatchObject({
        code: "organisation.not_found",
      });
    });

    test("TEN-2 changes label, addresses and end, and leaves the rest", async () => {
      await using setup = await setUp();
      const { keys } = await setup.open();
      const made = await keys.create(newKey({ addresses: ["10.0.0.0/8"] }));
      expect(await keys.update(homeOrganisation, made.id, {})).toEqual(made);
      const end = setup.now() + day;
      const changed = await keys.update(homeOrganisation, made.id, { label: "New", expiresAt: end });
      expect(changed).toEqual({ ...made, label: "New", expiresAt: end });
      expect(await keys.update(homeOrganisation, made.id, { addresses: null })).toEqual({
        ...changed,
        addresses: null,
      });
      expect((await keys.find(made.id))?.record).toEqual({ ...changed, addresses: null });
      setup.pass(day);
      await expect(keys.update(homeOrganisation, made.id, { expiresAt: null })).rejects.toMatchObject({
        code: "key.not_found",
      });
    });

    test("TEN-2 revokes once, and harmlessly again", async () => {
      await using setup = await setUp();
      const { keys } = await setup.open();
      const { id } = await keys.create(newKey());
      const at = setup.now();
      expect(await keys.revoke(homeOrganisation, id)).toMatchObject({ id, revokedAt: at });
      setup.pass(5_000);
      expect(await keys.revoke(homeOrganisation, id)).toMatchObject({ revokedAt: at });
      expect((await keys.find(id))?.record.revokedAt).toBe(at);
      await expect(keys.update(homeOrganisation, id, { label: "Back" })).rejects.toMatchObject({
        code: "key.not_found",
      });
    });

    test("TEN-2 what one server revokes or changes, another one that remembered it knows", async () => {
      await using setup = await setUp();
      const [one, other] = [await setup.open(), await setup.open()];
      const { id } = await one.keys.create(newKey());
      expect((await other.keys.find(id))?.record.revokedAt).toBeNull();
      await one.keys.update(homeOrganisation, id, { addresses: ["192.0.2.0/24"] });
      await setup.caughtUp?.(other);
      expect((await other.keys.find(id))?.record.addresses).toEqual(["192.0.2.0/24"]);
      await one.keys.revoke(homeOrganisation, id);
      await setup.caughtUp?.(other);
      expect((await other.keys.find(id))?.record.revokedAt).toBe(setup.now());
    });

    test("TEN-2 rotates: the old key keeps working until its grace is over, the new one names it", async () => {
      await using setup = await setUp();
      const [one, other] = [await setup.open(), await setup.open()];
      const old = await one.keys.create(newKey());
      expect((await other.keys.find(old.id))?.record.expiresAt).toBeNull();
      const grace = setup.now() + day;
      const next = await one.keys.rotate(homeOrganisation, old.id, newKey({ label: "Next" }), grace);
      expect(next).toMatchObject({ replaces: old.id, label: "Next", revokedAt: null });
      await setup.caughtUp?.(other);
      expect((await other.keys.find(old.id))?.record).toMatchObject({ expiresAt: grace, revokedAt: null });
      expect((await other.keys.find(next.id))?.record.expiresAt).toBeNull();
    });

    test("TEN-2 rotating never lets the old key work longer, and without a grace ends it at once", async () => {
      await using setup = await setUp();
      const { keys } = await setup.open();
      const end = setup.now() + 1_000;
      const short = await keys.create(newKey({ expiresAt: end }));
      await keys.rotate(homeOrganisation, short.id, newKey(), setup.now() + day);
      expect((await keys.find(short.id))?.record).toMatchObject({ expiresAt: end });
      const ended = await keys.create(newKey());
      await keys.rotate(homeOrganisation, ended.id, newKey(), setup.now());
      expect((await keys.find(ended.id))?.record).toMatchObject({ revokedAt: setup.now() });
      await expect(keys.rotate(homeOrganisation, ended.id, newKey(), setup.now())).rejects.toMatchObject({
        code: "key.not_found",
      });
      setup.pass(1_000);
      await expect(keys.rotate(homeOrganisation, short.id, newKey(), setup.now())).rejects.toMatchObject({
        code: "key.not_found",
      });
    });

    test("TEN-2 lists the newest first, in pages, of one owner or space", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const organisation = await addOrganisation(handle);
      const space = newId();
      const made: string[] = [];
      for (let at = 0; at < 7; at += 1) {
        // Some in the same millisecond.
        if (at % 3 === 0) setup.pass(1);
        const owned = at % 2 === 0 ? { owner: "user:1", role: null } : { space };
        made.push((await handle.keys.create(newKey({ organisation, ...owned }))).id);
      }
      const walk = async (only: { readonly owner?: string; readonly space?: string }) => {
        const seen: string[] = [];
        let before: string | null = null;
        for (;;) {
          const page = await handle.keys.list(organisation, { ...only, before, limit: 2 });
          seen.push(...page.map(({ id }) => id));
          before = page.at(-1)?.id ?? null;
          if (page.length < 2) return seen;
        }
      };
      const all = await handle.keys.list(organisation, { limit: 100 });
      expect(all.map(({ createdAt }) => createdAt)).toEqual(
        all.map(({ createdAt }) => createdAt).toSorted((one, other) => other - one),
      );
      expect(await walk({})).toEqual(all.map(({ id }) => id));
      expect((await walk({})).toSorted()).toEqual(made.toSorted());
      expect((await walk({ owner: "user:1" })).toSorted()).toEqual(made.filter((_, at) => at % 2 === 0).toSorted());
      expect((await walk({ space })).toSorted()).toEqual(made.filter((_, at) => at % 2 === 1).toSorted());
      expect(await walk({ space, owner: "user:1" })).toEqual([]);
      for (const limit of [0, 1_001, 1.5]) {
        await expect(handle.keys.list(organisation, { limit })).rejects.toMatchObject({ code: "request.invalid" });
      }
    });

    test("TEN-2 lists ended keys for 90 days, and deletes them afterwards", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const { keys } = handle;
      const organisation = await addOrganisation(handle);
      const revoked = await keys.create(newKey({ organisation }));
      await keys.revoke(organisation, revoked.id);
      const expired = await keys.create(newKey({ organisation, expiresAt: setup.now() + 1 }));
      setup.pass(keyLimits.listedMs - 1);
      expect(await keys.list(organisation, { limit: 10 })).toHaveLength(2);
      setup.pass(1);
      expect((await keys.list(organisation, { limit: 10 })).map(({ id }) => id)).toEqual([expired.id]);
      setup.pass(1);
      expect(await keys.list(organisation, { limit: 10 })).toEqual([]);
      await keys.create(newKey({ organisation }));
      expect(await countRows(handle, organisation)).toBe(1);
    });

    test("TEN-2 keeps ended keys of administrators, for whose sake calls need a credential", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const { keys } = handle;
      const admin = await keys.create(newKey({ role: "admin" }));
      const editor = await keys.create(newKey({ role: "editor" }));
      for (const { id } of [admin, editor]) await keys.revoke(homeOrganisation, id);
      setup.pass(2 * keyLimits.listedMs);
      await keys.create(newKey({ owner: "user:1", role: null }));
      expect(await keys.lookUp(homeOrganisation, editor.id)).toBeNull();
      expect(await keys.lookUp(homeOrganisation, admin.id)).toMatchObject({ role: "admin" });
      expect(await keys.list(homeOrganisation, { limit: 10 })).toHaveLength(1);
    });

    test("TEN-2 an organisation has at most 1,000 keys that work, however many ask at once", async () => {
      await using setup = await setUp();
      const [one, other] = [await setup.open(), await setup.open()];
      const organisation = await addOrganisation(one);
      await fill(one, organisation, keyLimits.mostKeys - 3);
      // Those that do not work any more do not count.
      await fill(one, organisation, 10, { revoked_at: setup.now() });
      await fill(one, organisation, 10, { expires_at: setup.now() });
      const asked = await Promise.allSettled(
        Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? one : other).keys.create(newKey({ organisation }))),
      );
      expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
      for (const answer of asked) {
        if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "limit.exceeded" });
      }
      const [last] = await one.keys.list(organisation, { limit: 1 });
      // Full or not, a key can be replaced.
      expect(await one.keys.rotate(organisation, last!.id, newKey({ organisation }), setup.now() + day)).toMatchObject({
        replaces: last!.id,
      });
      // Another organisation is not held up by it.
      expect(await one.keys.create(newKey())).toMatchObject({ organisation: homeOrganisation });
    });

    test("TEN-2 keeps at most 5,000 keys that have ended, the newest", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const organisation = await addOrganisation(handle);
      await fill(handle, organisation, keyLimits.mostEnded + 5, { revoked_at: setup.now() });
      await handle.keys.create(newKey({ organisation }));
      expect(await countRows(handle, organisation)).toBe(keyLimits.mostEnded + 1);
    });

    test("TEN-2 notes last uses together; an older one changes nothing", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const { keys } = handle;
      const made = await Promise.all([newKey(), newKey(), newKey()].map((key) => keys.create(key)));
      const [first, second, third] = made.map(({ id }) => id) as [string, string, string];
      await keys.noteUses([
        { id: first, at: 1_000, from: "192.0.2.1" },
        { id: second, at: 2_000, from: null },
        { id: mintKey().id, at: 3_000, from: null },
      ]);
      await keys.noteUses([
        { id: first, at: 900, from: "192.0.2.9" },
        { id: second, at: 2_500, from: "2001:db8::1" },
      ]);
      await keys.noteUses([]);
      const usedAt = async (id: string) => (await keys.lookUp(homeOrganisation, id))?.lastUsedAt;
      expect([await usedAt(first), await usedAt(second), await usedAt(third)]).toEqual([1_000, 2_500, null]);
      const from = await handle.database.read(({ tables }) =>
        tables
          .selectFrom("keys")
          .select("last_used_from")
          .where("id", "in", [first, second])
          .orderBy("created_at")
          .execute(),
      );
      expect(new Set(from.map(({ last_used_from }) => last_used_from))).toEqual(new Set(["192.0.2.1", "2001:db8::1"]));
    });

    test("TEN-2 servers note uses of the same keys at once", async () => {
      await using setup = await setUp();
      const [one, other] = [await setup.open(), await setup.open()];
      const made = await Promise.all(Array.from({ length: 40 }, () => one.keys.create(newKey())));
      const uses = made.map(({ id }, at) => ({ id, at: 1_000 + at, from: null }));
      await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (at % 2 === 0 ? one : other).keys.noteUses(at % 3 === 0 ? uses : uses.toReversed()),
        ),
      );
      const listed = await one.keys.list(homeOrganisation, { limit: 1_000 });
      const found = new Map(listed.map(({ id, lastUsedAt }) => [id, lastUsedAt]));
      for (const { id, at } of uses) expect(found.get(id)).toBe(at);
    });

    test("TEN-2 keeps another hash of a key, unless somebody was first", async () => {
      await using setup = await setUp();
      const handle = await setup.open();
      const { keys } = handle;
      const { id, key } = mintKey();
      const before = hashKey(pepper, key);
      await keys.create(newKey({ id, ...before }));
      const newer = { id: "pepper-2", bytes: Buffer.alloc(32, 9) };
      await keys.rehash(id, before, hashKey(newer, key));
      await keys.rehash(id, before, { pepper: "pepper-3", hash: "00" });
      const proof = await keys.find(id);
      expect(proof?.pepper).toBe("pepper-2");
      expect(isHashOf(newer, key, proof?.hash ?? "")).toBe(true);
    });
  });
};
