/**
 * What every `PeopleDirectory` promises. Handles of one `setup` look at the same directory, as processes on one data
 * folder or servers on one database do.
 */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { tenantsOver } from "@cairn/directory/tenants";
import { isUuid, newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";

export interface PeopleSetup extends AsyncDisposable {
  readonly open: () => DirectoryDatabase;
  /** Resolves when a handle knows what others wrote, where it hears of it a moment later. */
  readonly caughtUp: (database: DirectoryDatabase) => Promise<void>;
}

const start = Date.parse("2026-03-14T12:00:00Z");
const anna = { email: "Anna@Example.com", name: "Anna", passwordHash: "salt:hash", verified: true };

export const describePeople = (name: string, setUp: () => Promise<PeopleSetup>): void => {
  describe(`people: ${name}`, () => {
    const setUpPeople = async () => {
      const setup = await setUp();
      let now = start;
      const clock = (): number => now;
      const database = setup.open();
      const other = setup.open();
      /** Begins a session as the accounts do. */
      const signIn = async (principal: string, forMs = 60_000) => {
        const [id, token] = [newId(), newId()];
        const person = principal.slice("user:".length);
        await database.change(({ tables }) =>
          tables
            .insertInto("sessions")
            .values({
              id,
              person,
              token,
              address: "127.0.0.1",
              user_agent: "",
              expires_at: now + forMs,
              created_at: now,
              updated_at: now,
            })
            .execute(),
        );
        return { id, token };
      };
      return {
        ...tenantsOver(database, clock),
        database,
        /** Another server's view. */
        elsewhere: tenantsOver(other, clock).people,
        elsewhereOrganisations: tenantsOver(other, clock).organisations,
        caughtUp: () => setup.caughtUp(other),
        signIn,
        pass: (ms: number) => {
          now += ms;
        },
        [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
      };
    };

    test("TEN-1 are found by principal and by address in any case, and an address has one account", async () => {
      await using setup = await setUpPeople();
      const made = await setup.people.create(anna);
      expect(made).toEqual({
        id: expect.any(String) as string,
        principal: `user:${made.id}`,
        email: "anna@example.com",
        name: "Anna",
        verified: true,
        twoFactor: false,
        hasPassword: true,
        disabledAt: null,
        createdAt: start,
      });
      expect(isUuid(made.id)).toBe(true);
      expect(await setup.elsewhere.find(made.principal)).toEqual(made);
      expect(await setup.elsewhere.findByEmail(" ANNA@EXAMPLE.COM ")).toEqual(made);
      expect(await setup.people.find(made.id)).toBeNull();
      expect(await setup.people.find(`key:${made.id}`)).toBeNull();
      for (const email of ["anna", "", "nobody@example.com"]) expect(await setup.people.findByEmail(email)).toBeNull();
      await expect(setup.elsewhere.create({ ...anna, name: "Eve" })).rejects.toMatchObject({ code: "user.exists" });
      await expect(setup.people.create({ ...anna, email: "no address" })).rejects.toMatchObject({
        code: "request.invalid",
      });
      const ben = await setup.people.create({
        email: "ben@example.com",
        name: "Ben",
        passwordHash: null,
        verified: false,
      });
      expect(ben).toMatchObject({ hasPassword: false, verified: false });
      expect(await setup.people.page({ limit: 1 })).toEqual([made]);
      expect(await setup.people.page({ after: made.id, limit: 5 })).toEqual([ben]);
    });

    test("TEN-1 a session counts on every server until it ends there or here", async () => {
      await using setup = await setUpPeople();
      const { principal } = await setup.people.create(anna);
      const [one, two, three] = [
        await setup.signIn(principal),
        await setup.signIn(principal),
        await setup.signIn(principal, 1_000),
      ];
      const here = ({ token }: { readonly token: string }) => setup.people.session(token);
      const there = ({ token }: { readonly token: string }) => setup.elsewhere.session(token);
      for (const session of [one, two, three]) {
        expect(await here(session)).toMatchObject({ id: session.id, principal });
        expect(await there(session)).toMatchObject({ id: session.id, principal });
      }
      setup.pass(1_000);
      expect(await here(three)).toBeNull();
      expect((await setup.people.sessions(principal)).map(({ id }) => id).toSorted()).toEqual(
        [one.id, two.id].toSorted(),
      );
      expect(await setup.people.endSessions("user:somebody-else", { only: one.id })).toBe(0);
      expect(await setup.people.endSessions(principal, { only: one.id })).toBe(1);
      await setup.caughtUp();
      expect([await here(one), await there(one)]).toEqual([null, null]);
      expect(await there(two)).not.toBeNull();
      await setup.people.disable(principal);
      await setup.caughtUp();
      expect([await here(two), await there(two)]).toEqual([null, null]);
      // Begun while the account was being disabled.
      const late = await setup.signIn(principal);
      expect(await here(late)).toBeNull();
      await setup.people.enable(principal);
      expect(await here(late)).not.toBeNull();
      for (const token of ["", "x".repeat(5_000), "unknown"]) expect(await setup.people.session(token)).toBeNull();
    });

    test("TEN-1 lose their second factor and all sessions when it is reset, and nothing else", async () => {
      await using setup = await setUpPeople();
      const { database, people } = setup;
      const [first, second] = [
        await people.create(anna),
        await people.create({ ...anna, email: "bo@example.com", name: "Bo" }),
      ];
      for (const { id } of [first, second]) {
        await database.change(({ tables }) =>
          tables.updateTable("people").set({ two_factor_enabled: 1 }).where("id", "=", id).execute(),
        );
        const factor = { secret: "sealed", backup_codes: "sealed", verified: 1, failures: 0, locked_until: null };
        await database.change(({ tables }) =>
          tables
            .insertInto("second_factors")
            .values({ id: newId(), person: id, ...factor })
            .execute(),
        );
      }
      const { token } = await setup.signIn(first.principal);
      expect(await setup.elsewhere.session(token)).not.toBeNull();
      expect(await people.resetSecondFactor(first.principal)).toMatchObject({ twoFactor: false, hasPassword: true });
      await setup.caughtUp();
      expect(await setup.elsewhere.session(token)).toBeNull();
      expect(await people.find(second.principal)).toMatchObject({ twoFactor: true });
      const left = await database.read(({ tables }) => tables.selectFrom("second_factors").select("person").execute());
      expect(left).toEqual([{ person: second.id }]);
      await expect(people.resetSecondFactor("user:nobody")).rejects.toMatchObject({ code: "user.not_found" });
    });

    test("COL-1 whoever is disabled is nobody in any organisation, on each server, until enabled again", async () => {
      await using setup = await setUpPeople();
      const { principal } = await setup.people.create(anna);
      const { organisations } = setup;
      await organisations.setMember(homeOrganisation, { principal, role: "editor", by: "local" });
      const roles = () =>
        Promise.all(
          [setup.organisations, setup.elsewhereOrganisations].map((one) => one.roleOf(homeOrganisation, principal)),
        );
      await setup.caughtUp();
      expect(await roles()).toEqual(["editor", "editor"]);
      await setup.people.disable(principal);
      await setup.caughtUp();
      expect(await roles()).toEqual([null, null]);
      await setup.people.enable(principal);
      await setup.caughtUp();
      expect(await roles()).toEqual(["editor", "editor"]);
    });

    test("COL-1 a disabled admin does not count as the last one", async () => {
      await using setup = await setUpPeople();
      const ben = { email: "ben@example.com", name: "Ben", passwordHash: null, verified: true };
      const [one, other] = [await setup.people.create(anna), await setup.people.create(ben)];
      const { organisations } = setup;
      for (const { principal } of [one, other])
        await organisations.setMember(homeOrganisation, { principal, role: "admin", by: "local" });
      await setup.people.disable(other.principal);
      const left = organisations.removeMember(homeOrganisation, one.principal);
      await expect(left).rejects.toMatchObject({ code: "member.last_admin" });
      await setup.people.enable(other.principal);
      await organisations.removeMember(homeOrganisation, one.principal);
    });

    test("TEN-1 a new password ends all sessions, and one that came by mail proves the address", async () => {
      await using setup = await setUpPeople();
      const given = { email: "ben@example.com", name: "Ben", passwordHash: null, verified: false };
      const { principal } = await setup.people.create(given);
      const session = await setup.signIn(principal);
      await setup.people.setPassword(principal, "salt:one", false);
      expect(await setup.people.session(session.token)).toBeNull();
      expect(await setup.people.find(principal)).toMatchObject({ hasPassword: true, verified: false });
      await setup.people.setPassword(principal, "salt:two", true);
      expect(await setup.people.find(principal)).toMatchObject({ hasPassword: true, verified: true });
      await expect(setup.people.setPassword("user:nobody", "x", true)).rejects.toMatchObject({
        code: "user.not_found",
      });
    });

    test("TEN-1 whoever is removed leaves organisations, and the address is free again", async () => {
      await using setup = await setUpPeople();
      const { principal } = await setup.people.create(anna);
      const session = await setup.signIn(principal);
      await setup.organisations.setMember(homeOrganisation, { principal, role: "editor", by: "local" });
      await setup.people.remove(principal);
      expect(await setup.organisations.roleOf(homeOrganisation, principal)).toBeNull();
      expect([await setup.people.find(principal), await setup.people.session(session.token)]).toEqual([null, null]);
      await expect(setup.people.remove(principal)).rejects.toMatchObject({ code: "user.not_found" });
      expect(await setup.people.create(anna)).toMatchObject({ email: "anna@example.com" });
    });

    test("TEN-1 who is the only admin of an organisation is not removed, from none", async () => {
      await using setup = await setUpPeople();
      const { organisations, people } = setup;
      const { principal } = await people.create(anna);
      const admin = { principal, role: "admin", by: "local" } as const;
      await organisations.setMember(homeOrganisation, { ...admin, principal: "user:somebody-else" });
      await organisations.setMember(homeOrganisation, admin);
      const { id } = await organisations.create({
        name: "Acme",
        slug: `acme-${newId().slice(-12)}`,
        members: [admin],
        createdBy: "local",
      });
      await expect(people.remove(principal)).rejects.toMatchObject({ code: "member.last_admin" });
      expect(await organisations.roleOf(homeOrganisation, principal)).toBe("admin");
      expect(await people.find(principal)).not.toBeNull();
      await organisations.setMember(id, { ...admin, principal: "user:somebody-else" });
      await people.remove(principal);
      expect([await people.find(principal), await organisations.roleOf(id, principal)]).toEqual([null, null]);
    });

    test("TEN-1 a proof works once, for a while, and only the newest of a kind", async () => {
      await using setup = await setUpPeople();
      const proof = { kind: "sign-up", email: "anna@example.com" } as const;
      await setup.people.keepProof("one", proof, start + 1_000);
      await setup.people.keepProof("reset", { ...proof, kind: "reset" }, start + 1_000);
      await setup.people.keepProof("two", proof, start + 1_000);
      expect(await setup.elsewhere.proofOf("one")).toBeNull();
      expect(await setup.elsewhere.proofOf("two")).toEqual(proof);
      expect(await setup.elsewhere.proofOf("reset")).toEqual({ ...proof, kind: "reset" });
      const used = await Promise.all([setup.people.useProof("two"), setup.elsewhere.useProof("two")]);
      expect(used.filter((one) => one !== null)).toEqual([proof]);
      setup.pass(1_000);
      expect([await setup.people.proofOf("reset"), await setup.people.useProof("reset")]).toEqual([null, null]);
      expect(await setup.people.sweep()).toBe(1);
    });

    test("TEN-1 invited is who has an open invitation, in whatever case it was written", async () => {
      await using setup = await setUpPeople();
      const { organisations, people } = setup;
      const given = {
        organisation: homeOrganisation,
        email: "Anna@Example.com",
        role: "viewer",
        createdBy: "local",
      } as const;
      expect(await people.isInvited("anna@example.com")).toBe(false);
      const { id } = await organisations.invite({ ...given, expiresAt: start + 10_000 }, "hash-1");
      expect(await people.isInvited("ANNA@example.com")).toBe(true);
      expect(await people.isInvited("ben@example.com")).toBe(false);
      await organisations.revokeInvitation(homeOrganisation, id);
      expect(await people.isInvited("anna@example.com")).toBe(false);
      await organisations.invite({ ...given, expiresAt: start + 10_000 }, "hash-2");
      setup.pass(10_000);
      expect(await people.isInvited("anna@example.com")).toBe(false);
    });

    test("TEN-4 tries are counted together on all servers until the window is over", async () => {
      await using setup = await setUpPeople();
      const both = [setup.people, setup.elsewhere];
      const counts = await Promise.all(
        Array.from({ length: 10 }, (_, index) => both[index % 2]!.attempt("sign-in of anna", 5_000)),
      );
      expect(counts.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await setup.people.attempt("sign-in of ben", 5_000)).toEqual({ count: 1, until: start + 5_000 });
      await setup.people.forgive("sign-in of ben");
      expect(await setup.elsewhere.attempt("sign-in of ben", 5_000)).toMatchObject({ count: 1 });
      setup.pass(5_000);
      expect(await setup.people.attempt("sign-in of anna", 5_000)).toEqual({ count: 1, until: start + 10_000 });
      expect(await setup.people.sweep()).toBe(1);
    });
  });
};
