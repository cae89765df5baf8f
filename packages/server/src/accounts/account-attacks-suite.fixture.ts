/** What is tried against accounts, and fails, on whatever database: guessing, listening, planting, sending elsewhere. */
import { describe, expect, test } from "vitest";
import { codeOf, reads, withSecondFactor, type OpenAccounts } from "./account-helpers.fixture.ts";
import { password } from "./accounts.fixture.ts";
import { rules } from "./limits.ts";

export const describeAccountAttacks = (name: string, open: OpenAccounts): void => {
  describe(`attacks on accounts: ${name}`, () => {
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
      const lastTo = (email: string) =>
        setup.mails.filter(({ to }) => to === email).map(({ letter }) => letter.subject);
      expect(lastTo("anna@example.com")).toContain("You have an account at Cairn");
      expect(lastTo("dora@example.com")).toEqual([]);
    });

    test("TEN-1 of two who bring a code at once one gets in", async () => {
      await using setup = await open();
      const anna = await setup.signUp("anna@example.com");
      const { secret } = await withSecondFactor(anna);
      const browsers = [setup.browser(), setup.browser()];
      for (const one of browsers) await one.post("/auth/sign-in", { email: "anna@example.com", password });
      const code = await codeOf(secret, 1);
      const replies = await Promise.all(browsers.map((one) => one.post("/auth/second-factor", { code })));
      expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
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
      for (const headers of [
        { origin: "https://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
      ]) {
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
      const more = [
        "/auth/change-email",
        "/auth/link-social",
        "/auth/set-password",
        "/auth/two-factor/enable",
        "/auth/error",
      ];
      for (const path of [...hidden, ...more, "/auth/ok", "/auth", "/auth/", "/auth/join/../session"]) {
        for (const reply of [await anna.get(path), await anna.post(path)]) {
          expect([404, 405].includes(reply.status) || path.endsWith("session")).toBe(true);
        }
      }
      const wrongMethod = await anna.get("/auth/sign-out");
      expect([wrongMethod.body.code, wrongMethod.headers.get("allow")]).toEqual(["request.method_not_allowed", "POST"]);
      const unknownField = await anna.post("/auth/sign-in", {
        email: "a@example.com",
        password,
        callbackURL: "//evil",
      });
      expect(unknownField.body.code).toBe("request.invalid");
      const huge = await anna.post("/auth/sign-in", { email: "a@example.com", password: "x".repeat(20_000) });
      expect(huge.body.code).toBe("request.too_large");
    });

    test("TEN-1 of many who sign up with one address at once one gets the account", async () => {
      await using setup = await open();
      const browsers = Array.from({ length: 4 }, () => setup.browser());
      const [last, ...first] = browsers;
      await Promise.all(first.map((one) => one.post("/auth/sign-up", { email: "anna@example.com" })));
      // Mails that are asked for at once may come in another order than their links were made; the newest link works.
      await setup.tokenFor("anna@example.com");
      await last!.post("/auth/sign-up", { email: "anna@example.com" });
      const token = await setup.tokenFor("anna@example.com");
      const replies = await Promise.all(
        browsers.map((one) => one.post("/auth/join", { token, name: "Anna", password })),
      );
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
      const bad = [
        "short",
        "x".repeat(129),
        "password",
        "Password1!",
        "12345678",
        "aaaaaaaaaa",
        "abcdefgh",
        "anna.berger1",
      ];
      for (const given of bad) expect([given, (await join(given)).status]).toEqual([given, 422]);
      for (const name of ["", " ", "a\nb", "x".repeat(101)]) expect((await join(password, name)).status).toBe(422);
      // Long, and of any language.
      expect((await join("Пароль 密码 🐎 ".repeat(9), "Анна")).status).toBe(200);
    });

    test("TEN-1 addresses of mail are bounded and mean one account in any case", async () => {
      await using setup = await open();
      const anna = setup.browser();
      const refused = [
        "",
        "anna",
        "@example.com",
        "a b@example.com",
        "a@b@example.com",
        "a@example.com\nBcc: b@example.com",
      ];
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
  });
};
