import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Browser, password, testAccounts, type TestAccountsOptions } from "./accounts.fixture.ts";
import { type Claims, openIdProvider, throughProvider } from "./open-id-provider.fixture.ts";

// The provider says at length that it is one for development.
beforeAll(() => {
  for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterAll(() => void vi.restoreAllMocks());

const clientSecret = "a client secret of the tests";

const setUp = async (claims: Claims, options: TestAccountsOptions & { readonly claimsInToken?: boolean } = {}) => {
  let who = claims;
  const at: { url?: string } = {};
  const provider = await openIdProvider({
    who: () => who,
    callback: () => `${at.url ?? ""}/auth/callback/acme`,
    clientSecret,
    claimsInToken: options.claimsInToken ?? false,
  });
  const scopes = ["openid", "email", "profile"];
  const acme = { id: "acme", name: "Acme", issuer: provider.issuer, clientId: "cairn", clientSecret, scopes };
  const setup = await testAccounts({ providers: [acme], ...options });
  const { url } = setup;
  at.url = url;
  /** Signs in; where it ended, as a path of this server. */
  const signIn = async (browser: Browser, to?: string) => {
    const begun = await browser.post("/auth/sign-in/provider", {
      provider: "acme",
      ...(to === undefined ? {} : { to }),
    });
    const back = await throughProvider(String(begun.body["url"]), provider.issuer);
    expect(back.origin).toBe(url);
    const reply = await browser.get(`${back.pathname}${back.search}`);
    return { back, reply, location: reply.headers.get("location") };
  };
  return {
    ...setup,
    provider,
    signIn,
    become: (next: Claims) => {
      who = next;
    },
    [Symbol.asyncDispose]: async () => {
      await setup[Symbol.asyncDispose]();
      await provider.close();
    },
  };
};

const anna = { sub: "anna-at-acme", email: "anna@example.com", email_verified: true, name: "Anna" };

describe("sign-in through a provider", () => {
  test.each([false, true])(
    "TEN-1 makes an account and finds it again (claims in the ID token: %s)",
    async (claimsInToken) => {
      await using setup = await setUp(anna, { claimsInToken });
      const browser = setup.browser();
      const first = await setup.signIn(browser, "/account?tab=keys");
      expect(setup.errors).toEqual([]);
      expect(first.location).toBe("/account?tab=keys");
      const asked = setup.provider.asked[0]!;
      expect(asked.get("code_challenge_method")).toBe("S256");
      for (const name of ["state", "nonce", "code_challenge"]) expect(asked.get(name)?.length).toBeGreaterThan(20);
      expect((await browser.get("/auth/session")).body).toMatchObject({
        person: { email: "anna@example.com", name: "Anna", has_password: false },
      });
      const second = setup.browser();
      expect((await setup.signIn(second)).location).toBe("/account");
      const people = await setup.tenants.people.page({ limit: 10 });
      expect(people).toHaveLength(1);
      const kept = await setup.database.read(({ tables }) => tables.selectFrom("accounts").selectAll().execute());
      expect(kept).toMatchObject([{ provider_id: "acme", access_token: null, id_token: null, refresh_token: null }]);
      await setup.settled();
      expect(setup.events).toContainEqual(
        expect.objectContaining({ operation: "sign-in.provider", principal: people[0]!.principal, outcome: "ok" }),
      );
    },
  );

  test("TEN-1 joins an account of the same address only where both sides have verified it", async () => {
    await using setup = await setUp({ ...anna, email_verified: false });
    const { accounts, tenants, signIn, become } = setup;
    const made = await accounts.createPerson({ email: anna.email, name: "Anna", password, verified: true });
    expect((await signIn(setup.browser())).location).toBe("/account/sign-in?error=not_linked");
    become(anna);
    const browser = setup.browser();
    expect((await signIn(browser)).location).toBe("/account");
    expect((await browser.get("/auth/session")).body).toMatchObject({ person: { id: made.id } });
    // Somebody made an account of an address that is not theirs, and waits.
    await accounts.createPerson({ email: "ben@example.com", name: "Eve", password, verified: false });
    become({ sub: "ben-at-acme", email: "ben@example.com", email_verified: true, name: "Ben" });
    expect((await signIn(setup.browser())).location).toBe("/account/sign-in?error=not_linked");
    expect(await tenants.people.page({ limit: 10 })).toHaveLength(2);
  });

  test("TEN-1 takes no address for another one that only looks like it in lower case", async () => {
    const sub = "kelvin-at-acme";
    await using setup = await setUp({ sub, email: "\u212aate@example.com", email_verified: true, name: "Mallory" });
    const kate = await setup.accounts.createPerson({
      email: "kate@example.com",
      name: "Kate",
      password,
      verified: true,
    });
    const browser = setup.browser();
    expect((await setup.signIn(browser)).location).toBe("/account/sign-in?error=failed");
    expect((await browser.get("/auth/session")).body).toEqual({ person: null, session: null });
    expect((await setup.tenants.people.page({ limit: 10 })).map(({ id }) => id)).toEqual([kate.id]);
  });

  test("TEN-1 makes no account of an address that the provider has not verified, or that nobody invited", async () => {
    await using setup = await setUp({ ...anna, email_verified: false }, { signUp: "invited" });
    expect((await setup.signIn(setup.browser())).location).toBe("/account/sign-in?error=address_not_verified");
    setup.become(anna);
    expect((await setup.signIn(setup.browser())).location).toBe("/account/sign-in?error=not_invited");
    setup.become({ sub: "nobody" });
    expect((await setup.signIn(setup.browser())).location).toBe("/account/sign-in?error=failed");
    expect(await setup.tenants.people.page({ limit: 10 })).toEqual([]);
  });

  test("TEN-1 lets nobody in who is disabled", async () => {
    await using setup = await setUp(anna);
    await setup.signIn(setup.browser());
    const [person] = await setup.tenants.people.page({ limit: 1 });
    await setup.tenants.people.disable(person!.principal);
    const browser = setup.browser();
    expect((await setup.signIn(browser)).location).toBe("/account/sign-in?error=failed");
    expect((await browser.get("/auth/session")).body).toEqual({ person: null, session: null });
  });

  test("TEN-1 ends where it began: in the same browser, once, at a page of ours", async () => {
    await using setup = await setUp(anna);
    const start = async (browser: Browser) => {
      const { body } = await browser.post("/auth/sign-in/provider", { provider: "acme" });
      const back = await throughProvider(String(body["url"]), setup.provider.issuer);
      return `${back.pathname}${back.search}`;
    };
    // Eve's sign-in, sent to Anna's browser.
    const eves = await start(setup.browser());
    const victim = setup.browser();
    expect((await victim.get(eves)).headers.get("location")).toBe("/account/sign-in?error=expired");
    expect((await victim.get("/auth/session")).body).toEqual({ person: null, session: null });
    const browser = setup.browser();
    const callback = await start(browser);
    expect((await browser.get(callback)).headers.get("location")).toBe("/account");
    expect((await browser.get(callback)).headers.get("location")).toBe("/account/sign-in?error=expired");
    const refused = new URLSearchParams({ error: "access_denied", state: "unknown" });
    expect((await browser.get(`/auth/callback/acme?${refused.toString()}`)).headers.get("location")).toMatch(
      /^\/account\/sign-in\?error=/u,
    );
    const elsewhere = [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "/%2f/evil.example",
      "/%5cevil.example",
    ];
    const more = ["/\t/evil.example", "javascript:alert(1)", "evil", "", "/%09/evil.example", "http://127.0.0.1:1/x"];
    for (const to of [...elsewhere, ...more]) {
      const reply = await browser.post("/auth/sign-in/provider", { provider: "acme", to });
      expect([to, reply.body.code]).toEqual([to, "request.invalid"]);
    }
  });

  test("TEN-1 at a provider that is away, or names itself otherwise, is refused, and keeps nobody else out", async () => {
    const scopes = ["openid", "email"];
    const one = {
      id: "away",
      name: "Away",
      issuer: "http://127.0.0.1:1",
      clientId: "cairn",
      clientSecret: null,
      scopes,
    };
    await using real = await setUp(anna);
    const other = { ...one, id: "other", issuer: `${real.provider.issuer}/` };
    await using setup = await testAccounts({ providers: [one, other] });
    const browser = setup.browser();
    expect((await browser.get("/auth/options")).body).toMatchObject({
      providers: [
        { id: "away", name: "Away" },
        { id: "other", name: "Away" },
      ],
    });
    for (const provider of ["away", "other"]) {
      const reply = await browser.post("/auth/sign-in/provider", { provider });
      expect(reply.body.code).toBe("provider.unavailable");
    }
    expect((await browser.post("/auth/sign-in/provider", { provider: "unknown" })).body.code).toBe(
      "provider.not_found",
    );
    expect((await setup.signUp("ben@example.com")).cookies.size).toBe(1);
  });
});
