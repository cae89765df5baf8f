/**
 * What accounts promise, over HTTP, on whatever database: the journeys of people and the attacks on them. Each database's
 * test calls `describeAccounts` with what opens one.
 */
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { createOTP } from "@better-auth/utils/otp";
import { describe, expect, test } from "vitest";
import { password, testAccounts, type Browser, type TestAccounts, type TestAccountsOptions } from "./accounts.fixture.ts";
import { rules } from "./limits.ts";
import { newToken, tokenHash } from "./tokens.ts";

export type OpenAccounts = (options?: TestAccountsOptions) => Promise<TestAccounts>;

/** The code of the second factor, `steps` half minutes from now. */
const codeOf = (secretBase32: string, steps = 0): Promise<string> =>
  createOTP(fromBase32(secretBase32)).hotp(Math.floor(Date.now() / 30_000) + steps);

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const fromBase32 = (text: string): string => {
  const bits = Array.from(text, (character) => alphabet.indexOf(character).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/.{8}/gu) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))).toString("utf8");
};

const invite = async (setup: TestAccounts, email: string, expiresAt = Date.now() + 3_600_000): Promise<string> => {
  const token = newToken();
  const invitation = { organisation: homeOrganisation, email, role: "editor", createdBy: "local", expiresAt } as const;
  await setup.tenants.organisations.invite(invitation, tokenHash(token));
  return token;
};

interface SecondFactor {
  readonly secret: string;
  readonly backup: readonly string[];
  /** The code that confirmed it. */
  readonly code: string;
}

const withSecondFactor = async (anna: Browser): Promise<SecondFactor> => {
  const { body } = await anna.post("/auth/second-factor/enable", { password });
  const secret = String(body["secret"]);
  const code = await codeOf(secret);
  const confirmed = await anna.post("/auth/second-factor/confirm", { code });
  expect(confirmed.body).toMatchObject({ person: { two_factor: true } });
  return { secret, backup: body["backup_codes"] as unknown as readonly string[], code };
};

const reads = (setup: TestAccounts, { cookies }: Browser, headers: Record<string, string> = {}, unsafe = false) =>
  setup.accounts.sessionReader({
    bearer: null,
    headers: new Headers({ cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; "), ...headers }),
    organisation: null,
    address: "127.0.0.1",
    unsafe,
  });

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
      expect(signedIn.setCookies.join()).toMatch(/cairn\.session_token=\S+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax/u);
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

    test("TEN-1 answers do not tell who has an account", async () => {
      await using setup = await open();
      await setup.signUp("anna@example.com");
      const unverified = { email: "carl@example.com", name: "Carl", password, verified: false };
      await setup.accounts.createPerson(unverified);
      const disabled = await setup.accounts.createPerson({ ...unverified, email: "dora@example.com", verified: true });
      await setup.tenants.people.disable(disabled.principal);
      const ask = async (path: string, email: string, more: object = {}) => {
        const { status, body, headers } = await setup.browser().post(path, { email, ...more });
        const { request_id: _, ...rest } = body;
        return { status, rest, names: [...headers.keys()].sort() };
      };
      for (const email of ["anna@example.com", "carl@example.com", "dora@example.com"]) {
        const unknown = `no-${email}`;
        for (const path of ["/auth/sign-up", "/auth/password/forgot"]) {
          expect(await ask(path, email)).toEqual(await ask(path, unknown));
        }
        const wrong = { password: email.startsWith("anna") ? "not the password" : password };
        expect(await ask("/auth/sign-in", email, wrong)).toEqual(await ask("/auth/sign-in", unknown, wrong));
      }
      expect(await setup.tokenFor("no-anna@example.com")).not.toBe("");
      const lastTo = (email: string) => setup.mails.filter(({ to }) => to === email).map(({ letter }) => letter.subject);
      expect(lastTo("anna@example.com")).toContain("You have an account at Cairn");
      expect(lastTo("dora@example.com")).toEqual([]);
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
      expect((await phone.post("/auth/password/change", { current_password: password, new_password: "x" })).status).toBe(401);
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

    test("TEN-1 of two who bring a code at once one gets in", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const { secret } = await withSecondFactor(anna);
      const browsers = [setup.browser(), setup.browser()];
      for (const one of browsers) await one.post("/auth/sign-in", { email: "anna@example.com", password });
      const code = await codeOf(secret, 1);
      const replies = await Promise.all(browsers.map((one) => one.post("/auth/second-factor", { code })));
      expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    });

    test("TEN-1 codes cannot be tried without end, from however many places", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const { secret } = await withSecondFactor(anna);
      for (let round = 0; round < 3; round += 1) {
        const eve = setup.browser(`10.0.0.${round}`);
        await eve.post("/auth/sign-in", { email: "anna@example.com", password });
        for (let index = 0; index < 5; index += 1) {
          const reply = await eve.post("/auth/second-factor", { code: `00000${round}${index}`.slice(-6) });
          expect([401, 429]).toContain(reply.status);
        }
      }
      const eve = setup.browser("10.0.1.1");
      await eve.post("/auth/sign-in", { email: "anna@example.com", password });
      expect((await eve.post("/auth/second-factor", { code: await codeOf(secret, 1) })).status).not.toBe(200);
    });

    test("TEN-1 passwords cannot be tried without end, whether or not there is an account", async () => {
      await using setup = await open();
      await setup.signUp("anna@example.com");
      const ends = async (email: string): Promise<readonly number[]> => {
        const statuses: number[] = [];
        // Other servers have seen most of them already.
        for (let index = 0; index < 8; index += 1) {
          await setup.tenants.people.attempt(`sign-in of ${email}`, rules["sign-in"].account.windowMs);
        }
        for (let index = 0; index < 4; index += 1) {
          const eve = setup.browser(`10.1.${index}.1`);
          statuses.push((await eve.post("/auth/sign-in", { email, password: `guess number ${index}` })).status);
        }
        return statuses;
      };
      const known = await ends("anna@example.com");
      expect(known).toEqual([401, 401, 429, 429]);
      expect(await ends("nobody@example.com")).toEqual(known);
      const right = await setup.browser("10.2.0.1").post("/auth/sign-in", { email: "anna@example.com", password });
      expect(right.status).toBe(429);
      expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
      // The owner is not locked out for good: mail opens the door.
      const anna = setup.browser();
      await anna.post("/auth/password/forgot", { email: "anna@example.com" });
      const token = await setup.tokenFor("anna@example.com");
      await anna.post("/auth/password/reset", { token, password: "another horse battery" });
      const again = await anna.post("/auth/sign-in", { email: "anna@example.com", password: "another horse battery" });
      expect(again.status).toBe(200);
    });

    test("TEN-1 a session of before a sign-in is not the one of after it, nor lives on", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const before = new Map(anna.cookies);
      // What an attacker planted is not taken over.
      anna.cookies.set("cairn.session_token", before.get("cairn.session_token")!);
      await anna.post("/auth/sign-in", { email: "anna@example.com", password });
      expect(anna.cookies.get("cairn.session_token")).not.toBe(before.get("cairn.session_token"));
      const stale = setup.browser();
      for (const [key, value] of before) stale.cookies.set(key, value);
      expect((await stale.get("/auth/session")).body).toEqual({ person: null, session: null });
      const forged = setup.browser();
      const [token = ""] = decodeURIComponent(anna.cookies.get("cairn.session_token")!).split(".");
      for (const value of [token, `${token}.`, `${token}.${"A".repeat(43)}=`, "x", "%E0%A4%A"]) {
        forged.cookies.set("cairn.session_token", value);
        expect(await reads(setup, forged)).toBeNull();
        expect((await forged.get("/auth/session")).body).toEqual({ person: null, session: null });
      }
    });

    test("TEN-1 pages of others change nothing, and cookies count for reading alone without an origin", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const from = (headers: Record<string, string>) => anna.post("/auth/sign-out", {}, { origin: "", ...headers });
      for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]) {
        expect((await from(headers as Record<string, string>)).body.code).toBe("request.origin_refused");
      }
      const form = await anna.post("/auth/sign-out", {}, { "content-type": "application/x-www-form-urlencoded" });
      expect(form.body.code).toBe("request.unsupported_media_type");
      const origin = setup.url;
      expect(await reads(setup, anna)).not.toBeNull();
      expect(await reads(setup, anna, {}, true)).toBeNull();
      expect(await reads(setup, anna, { origin: "https://evil.example" }, true)).toBeNull();
      expect(await reads(setup, anna, { "sec-fetch-site": "same-site" }, true)).toBeNull();
      expect(await reads(setup, anna, { origin }, true)).not.toBeNull();
      expect(await reads(setup, anna, { "sec-fetch-site": "same-origin" }, true)).not.toBeNull();
    });

    test("TEN-1 of all that better-auth can do only what is listed is there", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const hidden = ["/auth/update-user", "/auth/delete-user", "/auth/sign-up/email", "/auth/sign-in/email"];
      const more = ["/auth/change-email", "/auth/link-social", "/auth/set-password", "/auth/two-factor/enable", "/auth/error"];
      for (const path of [...hidden, ...more, "/auth/ok", "/auth", "/auth/", "/auth/join/../session"]) {
        for (const reply of [await anna.get(path), await anna.post(path)]) {
          expect([404, 405].includes(reply.status) || path.endsWith("session")).toBe(true);
        }
      }
      expect((await anna.get("/auth/sign-out")).body.code).toBe("request.method_not_allowed");
      const unknownField = await anna.post("/auth/sign-in", { email: "a@example.com", password, callbackURL: "//evil" });
      expect(unknownField.body.code).toBe("request.invalid");
      const huge = await anna.post("/auth/sign-in", { email: "a@example.com", password: "x".repeat(20_000) });
      expect(huge.body.code).toBe("request.too_large");
    });

    test("TEN-1 of many who sign up with one address at once one gets the account", async () => {
      await using setup = await open();
      const browsers = Array.from({ length: 4 }, () => setup.browser());
      await Promise.all(browsers.map((one) => one.post("/auth/sign-up", { email: "anna@example.com" })));
      const token = await setup.tokenFor("anna@example.com");
      const replies = await Promise.all(browsers.map((one) => one.post("/auth/join", { token, name: "Anna", password })));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(replies.filter(({ status }) => [409, 410].includes(status))).toHaveLength(3);
      expect(await setup.tenants.people.page({ limit: 10 })).toHaveLength(1);
    });

    test("TEN-1 passwords and names have bounds, and what is tried first is refused", async () => {
      await using setup = await open();
      const anna = setup.browser();
      await anna.post("/auth/sign-up", { email: "anna.berger@example.com" });
      const token = await setup.tokenFor("anna.berger@example.com");
      const join = (given: string, name = "Anna") => anna.post("/auth/join", { token, name, password: given });
      const bad = ["short", "x".repeat(129), "password", "Password1!", "12345678", "aaaaaaaaaa", "abcdefgh", "anna.berger1"];
      for (const given of bad) expect([given, (await join(given)).status]).toEqual([given, 422]);
      for (const name of ["", " ", "a\nb", "x".repeat(101)]) expect((await join(password, name)).status).toBe(422);
      // Long, and of any language.
      expect((await join(`${"Пароль 密码 🐎 ".repeat(9)}`, "Анна")).status).toBe(200);
    });

    test("TEN-1 addresses of mail are bounded and mean one account in any case", async () => {
      await using setup = await open();
      const anna = setup.browser();
      const refused = ["", "anna", "@example.com", "a b@example.com", "a@b@example.com", "a@example.com\nBcc: b@example.com"];
      const more = [`${"x".repeat(65)}@example.com`, `a@${"x".repeat(260)}.com`, '"a"@example.com', "a,b@example.com"];
      for (const email of [...refused, ...more]) expect((await anna.post("/auth/sign-up", { email })).status).toBe(422);
      const ascii = "anna@xn--bcher-kva.example";
      await setup.accounts.createPerson({ email: "anna@Bücher.example", name: "Anna", password, verified: true });
      await anna.post("/auth/password/forgot", { email: "ANNA@bücher.example" });
      expect(await setup.tokenFor(ascii)).not.toBe("");
      const again = await anna.post("/auth/sign-in", { email: "Anna@BÜCHER.example", password });
      expect(again.status).toBe(200);
      expect(again.body).toMatchObject({ person: { email: ascii } });
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
      const { database } = before;
      const shared = { ...database };
      await using after = await testAccounts({ database: shared, secrets: ["a new secret, which is long enough, as well", old] });
      await using without = await testAccounts({ database: { ...shared }, secrets: ["another secret alone, which is long enough"] });
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
