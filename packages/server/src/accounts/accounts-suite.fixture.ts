/**
 * What accounts promise people, over HTTP, on whatever database. Each database's test calls `describeAccounts` with what
 * opens one.
 */
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { codeOf, invite, reads, withSecondFactor, type OpenAccounts } from "./account-helpers.fixture.ts";
import { password, testAccounts } from "./accounts.fixture.ts";
import { newToken } from "./tokens.ts";

export const describeAccounts = (name: string, open: OpenAccounts): void => {
  describe(`accounts: ${name}`, () => {
    test("TEN-1 a person signs up, signs out, signs in, and is listed where it is signed in", async () => {
      await using setup = await open();
      const anna = setup.browser();
      expect((await anna.post("/auth/sign-up", { email: "Anna@Example.com" })).body).toEqual({ status: "mail_sent" });
      const token = await setup.tokenFor("anna@example.com");
      expect((await anna.post("/auth/join/link", { token })).body).toEqual({
        kind: "sign_up",
        email: "anna@example.com",
        organisation: null,
        role: null,
        has_account: false,
      });
      const joined = await anna.post("/auth/join", { token, name: "Anna", password });
      const person = { email: "anna@example.com", name: "Anna", two_factor: false, has_password: true };
      expect(joined.body).toMatchObject({ person });
      expect(await setup.tenants.people.findByEmail("anna@example.com")).toMatchObject({ verified: true });
      expect((await anna.get("/auth/session")).body).toMatchObject({ person });

      await anna.post("/auth/sign-out");
      expect((await anna.get("/auth/session")).body).toEqual({ person: null, session: null });
      const signedIn = await anna.post("/auth/sign-in", { email: "ANNA@example.com", password });
      expect(signedIn.body).toMatchObject({ person });
      expect(signedIn.setCookies.join()).toMatch(
        /cairn\.session_token=\S+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax/u,
      );
      expect(signedIn.setCookies.join()).not.toContain("Domain");

      const phone = setup.browser();
      await phone.post("/auth/sign-in", { email: "anna@example.com", password });
      const { sessions } = (await anna.get("/auth/sessions")).body as unknown as {
        readonly sessions: readonly { id: string; current: boolean }[];
      };
      expect(sessions.map(({ current }) => current)).toEqual([false, true]);
      expect((await anna.post("/auth/sessions/revoke", { id: sessions[0]!.id })).status).toBe(200);
      expect((await phone.get("/auth/sessions")).status).toBe(401);
      expect((await anna.get("/auth/sessions")).status).toBe(200);
      expect(setup.errors).toEqual([]);
    });

    test("TEN-1 who signs up openly belongs to no organisation; who was invited belongs to the one", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      expect(await reads(setup, anna)).toMatchObject({ organisation: null, role: null, credential: "session" });

      const token = await invite(setup, "ben@example.com");
      const ben = setup.browser();
      expect((await ben.post("/auth/join/link", { token })).body).toMatchObject({ kind: "invitation", role: "editor" });
      const joined = await ben.post("/auth/join", { token, name: "Ben", password });
      expect(joined.status).toBe(200);
      expect(await reads(setup, ben)).toMatchObject({ organisation: homeOrganisation, role: "editor" });
      // Replayed, by anybody.
      expect((await setup.browser().post("/auth/join", { token, name: "Eve", password })).body.code).toBe(
        "auth.link_invalid",
      );

      const forAnna = await invite(setup, "anna@example.com");
      expect((await setup.browser().post("/auth/join", { token: forAnna, name: "Eve", password })).body.code).toBe(
        "user.exists",
      );
      expect((await ben.post("/auth/invitation/accept", { token: forAnna })).body.code).toBe("auth.link_invalid");
      const accepted = await anna.post("/auth/invitation/accept", { token: forAnna });
      expect(accepted.body).toMatchObject({ organisation: { slug: "home" }, role: "editor" });
      expect((await anna.post("/auth/invitation/accept", { token: forAnna })).body.code).toBe("auth.link_invalid");
      expect(await reads(setup, anna)).toMatchObject({ organisation: homeOrganisation, role: "editor" });
      const audited = await setup.database.read(({ tables }) =>
        tables
          .selectFrom("audit_entries")
          .select(["principal"])
          .where("operation", "=", "invitations.accept")
          .where("organisation", "=", homeOrganisation)
          .execute(),
      );
      const members = await setup.tenants.organisations.members(homeOrganisation, { limit: 10 });
      expect(audited.map(({ principal }) => principal)).toEqual(
        expect.arrayContaining(members.map(({ principal }) => principal)),
      );
    });

    test("TEN-1 where only invited people may sign up, others get the same answer and no mail", async () => {
      await using setup = await open({ signUp: "invited" });
      await invite(setup, "ben@example.com");
      const answers = [];
      for (const email of ["ben@example.com", "eve@example.com"]) {
        answers.push(await setup.browser().post("/auth/sign-up", { email }));
      }
      await setup.settled();
      expect(answers[0]!.body).toEqual(answers[1]!.body);
      expect(setup.mails.map(({ to }) => to)).toEqual(["ben@example.com"]);
    });

    test("TEN-1 a forgotten password is set anew, once, and everybody is signed out", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const eve = setup.browser();
      await eve.post("/auth/password/forgot", { email: "anna@example.com" });
      const first = await setup.tokenFor("anna@example.com");
      await eve.post("/auth/password/forgot", { email: "anna@example.com" });
      const token = await setup.tokenFor("anna@example.com");
      const change = (given: string, to: string) => eve.post("/auth/password/reset", { token: given, password: to });
      expect((await change(first, "another horse battery")).body.code).toBe("auth.link_invalid");
      expect((await change(token, "short")).body.code).toBe("request.invalid");
      expect((await change(token, "another horse battery")).body).toEqual({ status: "ok" });
      expect((await change(token, "and another horse")).body.code).toBe("auth.link_invalid");
      expect(await reads(setup, anna)).toBeNull();
      expect((await anna.get("/auth/session")).body).toEqual({ person: null, session: null });
      const signIn = (given: string) => anna.post("/auth/sign-in", { email: "anna@example.com", password: given });
      expect((await signIn(password)).status).toBe(401);
      expect((await signIn("another horse battery")).status).toBe(200);
      // A link for one thing is none for another.
      await eve.post("/auth/sign-up", { email: "new@example.com" });
      const signUpToken = await setup.tokenFor("new@example.com");
      expect((await change(signUpToken, "another horse battery")).body.code).toBe("auth.link_invalid");
    });

    test("TEN-1 a changed password ends the other sessions and asks for the old one", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const phone = setup.browser();
      await phone.post("/auth/sign-in", { email: "anna@example.com", password });
      const before = anna.cookies.get("cairn.session_token");
      const change = (given: string, to: string) =>
        anna.post("/auth/password/change", { current_password: given, new_password: to });
      expect((await change("not the password", "another horse battery")).body.code).toBe("auth.invalid");
      expect((await change(password, "password1234")).body).toMatchObject({
        code: "request.invalid",
        errors: [{ path: "new_password" }],
      });
      expect((await change(password, "another horse battery")).status).toBe(200);
      expect(anna.cookies.get("cairn.session_token")).not.toBe(before);
      expect((await anna.get("/auth/sessions")).status).toBe(200);
      expect((await phone.get("/auth/sessions")).status).toBe(401);
      expect(
        (await phone.post("/auth/password/change", { current_password: password, new_password: "x" })).status,
      ).toBe(401);
    });

    test("TEN-1 a second factor is asked for, and its codes work once", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const { secret, backup, code: used } = await withSecondFactor(anna);
      const phone = setup.browser();
      const signIn = () => phone.post("/auth/sign-in", { email: "anna@example.com", password });
      const first = await signIn();
      expect(first.body).toEqual({ second_factor: ["totp"] });
      expect((await phone.get("/auth/session")).body).toEqual({ person: null, session: null });
      expect(await reads(setup, phone)).toBeNull();
      expect((await phone.post("/auth/second-factor", { code: used })).body.code).toBe("auth.invalid");
      const code = await codeOf(secret, 1);
      expect((await phone.post("/auth/second-factor", { code })).body).toMatchObject({ person: { two_factor: true } });
      expect((await phone.get("/auth/sessions")).status).toBe(200);
      await phone.post("/auth/sign-out");
      await signIn();
      expect((await phone.post("/auth/second-factor", { code })).body.code).toBe("auth.invalid");
      expect((await phone.post("/auth/second-factor", { backup_code: backup[0] })).status).toBe(200);
      await phone.post("/auth/sign-out");
      await signIn();
      expect((await phone.post("/auth/second-factor", { backup_code: backup[0] })).body.code).toBe("auth.invalid");
      // Without the password nobody takes it away.
      expect((await anna.post("/auth/second-factor/disable", { password: "not the password" })).body.code).toBe(
        "auth.invalid",
      );
      expect((await anna.post("/auth/second-factor/disable", { password })).body).toMatchObject({
        person: { two_factor: false },
      });
    });

    test("TEN-1 a session acts in the organisation that it names, or in the oldest that answers", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const { principal } = (await setup.tenants.people.findByEmail("anna@example.com"))!;
      const { organisations } = setup.tenants;
      const make = (slug: string, role: "admin" | "viewer" | null) =>
        organisations.create({
          name: slug,
          slug: `${slug}-${newToken().slice(0, 8).toLowerCase().replaceAll(/[-_]/gu, "x")}`,
          members: role === null ? [] : [{ principal, role }],
          createdBy: "local",
        });
      const [one, two, three] = [await make("one", "admin"), await make("two", "viewer"), await make("three", null)];
      const cookie = Array.from(anna.cookies, ([key, value]) => `${key}=${value}`).join("; ");
      const standing = (organisation: string | null) =>
        setup.accounts.sessionReader({
          bearer: null,
          headers: new Headers({ cookie }),
          organisation,
          address: null,
          unsafe: false,
        });
      const admin = { organisation: one.id, role: "admin", administrator: false, principal, scopes: null };
      expect(await standing(null)).toMatchObject(admin);
      expect(await standing(one.slug)).toMatchObject(admin);
      expect(await standing(two.id)).toMatchObject({ organisation: two.id, role: "viewer" });
      for (const named of [three.id, three.slug, "unknown", ""]) expect(await standing(named)).toBeNull();
      await organisations.update(one.id, { status: "suspended" });
      expect(await standing(null)).toMatchObject({ organisation: two.id });
      await expect(standing(one.id)).rejects.toMatchObject({ code: "organisation.suspended" });
      await organisations.removeMember(two.id, principal);
      expect(await standing(two.id)).toBeNull();
      await expect(standing(null)).rejects.toMatchObject({ code: "organisation.suspended" });
    });

    test("TEN-1 a person who is disabled is out at once, and in again when enabled", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const { principal } = (await setup.tenants.people.findByEmail("anna@example.com"))!;
      expect(await reads(setup, anna)).toMatchObject({ principal });
      await setup.tenants.people.disable(principal);
      expect(await reads(setup, anna)).toBeNull();
      const signIn = () => anna.post("/auth/sign-in", { email: "anna@example.com", password });
      expect((await signIn()).body.code).toBe("auth.invalid");
      await setup.tenants.people.enable(principal);
      expect((await signIn()).status).toBe(200);
    });

    test("TEN-1 a new secret signs nobody out, and takes away no second factor, while the old one is kept", async () => {
      const old = "the older secret, long enough to be one, too";
      await using before = await open({ secrets: [old] });
      const anna = await before.signUp("anna@example.com");
      const { secret } = await withSecondFactor(anna);
      const { read, change, write, remember } = before.database;
      const shared = { read, change, write, remember };
      await using after = await testAccounts({
        database: shared,
        secrets: ["a new secret, which is long enough, as well", old],
      });
      await using without = await testAccounts({
        database: shared,
        secrets: ["another secret alone, which is long enough"],
      });
      const inNew = after.browser();
      for (const [key, value] of anna.cookies) inNew.cookies.set(key, value);
      expect(await reads(after, inNew)).not.toBeNull();
      expect((await inNew.get("/auth/session")).body).toMatchObject({ person: { email: "anna@example.com" } });
      expect(await reads(without, anna)).toBeNull();
      const phone = after.browser();
      await phone.post("/auth/sign-in", { email: "anna@example.com", password });
      expect((await phone.post("/auth/second-factor", { code: await codeOf(secret, 1) })).status).toBe(200);
    });

    test("TEN-8 what happens to accounts is told, with who and from where, and without addresses of mail", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const { principal } = (await setup.tenants.people.findByEmail("anna@example.com"))!;
      await anna.post("/auth/sign-in", { email: "anna@example.com", password: "not the password" });
      await anna.post("/auth/sign-in", { email: "nobody@example.com", password: "not the password" });
      await anna.post("/auth/sign-out");
      await setup.settled();
      const told = setup.events.map(({ operation, principal: who, outcome, code }) => [operation, who, outcome, code]);
      expect(told).toContainEqual(["sign-up.join", principal, "ok", null]);
      expect(told).toContainEqual(["sign-in.password", principal, "denied", "auth.invalid"]);
      expect(told).toContainEqual(["sign-in.password", "anonymous", "denied", "auth.invalid"]);
      expect(told).toContainEqual(["sign-out", principal, "ok", null]);
      expect(setup.events.every(({ organisation }) => organisation === homeOrganisation)).toBe(true);
      expect(JSON.stringify(setup.events)).not.toContain("example.com");
    });
  });
};
