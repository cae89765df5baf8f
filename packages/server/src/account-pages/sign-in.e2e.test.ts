import { setUpOperations } from "@cairn/testing/setup-operations";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openIdProvider } from "../accounts/open-id-provider.fixture.ts";
import { type AccountServer, type AccountServerOptions, codeOf, openAccountServer } from "./account-server.fixture.ts";
import { browserOrSkip, openBrowser, visit, type Visitor } from "./chromium.fixture.ts";

const describe = browserOrSkip("how people sign in, in a browser");
const password = "correct horse battery";
const iphone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

describe("people in browsers", { timeout: 120_000 }, () => {
  let browser: Browser;
  let server: AccountServer;
  let provider: Awaited<ReturnType<typeof openIdProvider>>;
  let engines: string;

  beforeAll(async () => {
    // The provider says at length that it is one for development.
    for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
    const pipelineOver: AccountServerOptions["pipelineOver"] = (services) => setUpOperations(services).pipeline;
    const katherine = { sub: "k", email: "katherine@example.com", email_verified: true, name: "Katherine" };
    const clientSecret = "a client secret of the tests";
    const callback = (): string => `${server.url}/auth/callback/acme`;
    provider = await openIdProvider({ who: () => katherine, callback, clientSecret, claimsInToken: false });
    const scopes = ["openid", "email", "profile"];
    const acme = { id: "acme", name: "Acme", issuer: provider.issuer, clientId: "cairn", clientSecret, scopes };
    [browser, server] = await Promise.all([
      openBrowser(),
      openAccountServer({ signUp: "open", providers: [acme], pipelineOver }),
    ]);
    const { principal } = await server.accounts.createPerson({
      email: "ada@example.com",
      name: "Ada",
      password,
      verified: true,
    });
    const { organisations } = server.tenants;
    const members = [{ principal, role: "admin" }] as const;
    ({ id: engines } = await organisations.create({ name: "Analytical Engines", members, createdBy: "local" }));
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await browser.close();
    await server[Symbol.asyncDispose]();
    await provider.close();
  });

  const someone = (): Promise<Visitor> => visit(browser, server.url);

  const signIn = async (page: Page, email: string, word = password): Promise<void> => {
    await page.goto("/account/sign-in");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(word);
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  const isInside = (page: Page): Promise<void> =>
    page.getByRole("heading", { name: "Where you are signed in" }).waitFor();

  const signOut = async (page: Page): Promise<void> => {
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByText("You are signed out.").waitFor();
  };

  /** An account that is made without a browser. */
  const person = (name: string): Promise<{ readonly principal: string }> =>
    server.accounts.createPerson({ email: `${name.toLowerCase()}@example.com`, name, password, verified: true });

  test("TEN-1 an admin invites, and who is invited makes an account by the mail and is a member", async () => {
    await using ada = await someone();
    await signIn(ada.page, "ada@example.com");
    await isInside(ada.page);
    await ada.page.getByRole("navigation").getByRole("link", { name: "Organisation" }).click();
    await ada.page.getByRole("heading", { name: "Analytical Engines" }).waitFor();
    await ada.page.getByLabel("Their e-mail address").fill("grace@example.com");
    await ada.page.getByRole("button", { name: "Send the invitation" }).click();
    await ada.page.getByRole("button", { name: "Take back the invitation of grace@example.com" }).waitFor();

    await using grace = await someone();
    await grace.page.goto(await server.linkFor("grace@example.com"));
    await grace.page.getByText("You are invited to join Analytical Engines as an editor.").waitFor();
    await grace.page.getByLabel("Your name").fill("Grace");
    await grace.page.getByLabel("Password", { exact: true }).fill("short");
    await grace.page.getByRole("button", { name: "Make my account" }).click();
    await grace.page.getByText("Use at least 8 characters.").waitFor();
    await grace.page.getByLabel("Password", { exact: true }).fill(password);
    await grace.page.getByRole("button", { name: "Make my account" }).click();
    await grace.page.getByText("Welcome. Your account is ready.").waitFor();
    await grace.page.getByRole("link", { name: "Analytical Engines" }).waitFor();

    await ada.page.reload();
    await ada.page.getByText("grace@example.com").waitFor();
    expect(await ada.page.getByText("Nobody is waiting to join.").isVisible()).toBe(true);
    await ada.page.getByLabel("Role of Grace", { exact: true }).selectOption("viewer");
    await ada.page.getByRole("button", { name: "Save the role of Grace" }).click();
    await ada.page.getByText("Grace has another role.").waitFor();
    const members = await server.tenants.organisations.members(engines, { limit: 10 });
    expect(members.map(({ role }) => role)).toEqual(["admin", "viewer"]);

    await using late = await someone();
    await late.page.goto(await server.linkFor("grace@example.com"));
    await late.page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
    expect([...ada.troubles, ...grace.troubles, ...late.troubles]).toEqual([]);
  });

  test("TEN-1 anyone makes an account where sign-up is open, by a link in a mail", async () => {
    await using visitor = await someone();
    const { page, troubles } = visitor;
    await page.goto("/sign-up");
    await page.getByLabel("E-mail address").fill("mary@example.com");
    await page.getByRole("button", { name: "Send the mail" }).click();
    await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
    await page.goto(await server.linkFor("mary@example.com"));
    await page.getByLabel("Your name").fill("Mary");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Make my account" }).click();
    await page.getByText("You belong to no organisation yet.").waitFor();
    await page.goto("/account/keys");
    await page.getByText("You belong to no organisation.").waitFor();
    expect(troubles).toEqual([]);
  });

  test("TEN-1 the second factor: turned on, then asked for, with a code of the app or a backup code, each once", async () => {
    await person("Radia");
    await using visitor = await someone();
    const { page, troubles } = visitor;
    await signIn(page, "radia@example.com");
    await isInside(page);
    await page.locator("#second-password").fill("not the password");
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.getByText("This is not your password.").waitFor();
    await page.locator("#second-password").fill(password);
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("img", { name: "QR code" }).waitFor();
    const key = (await page.locator("#secret").textContent()) ?? "";
    await page.getByLabel("Code that the app shows").fill(codeOf(key));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("heading", { name: "Your backup codes" }).waitFor();
    const codes = await page.locator("#backup-list li").allTextContents();
    expect(codes).toHaveLength(10);
    await page.getByRole("button", { name: "I have kept them" }).click();
    expect(await page.content()).not.toContain(codes[0]);
    expect(await page.content()).not.toContain(key);
    await signOut(page);

    await signIn(page, "radia@example.com");
    await page.getByRole("heading", { name: "One more step" }).waitFor();
    await page.getByLabel("Code", { exact: true }).fill("000 000");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("This code is not right").waitFor();
    await page.getByLabel("Code", { exact: true }).fill(codeOf(key, 1));
    await page.getByRole("button", { name: "Go on" }).click();
    await isInside(page);
    await signOut(page);

    const withBackupCode = async (code: string): Promise<void> => {
      await signIn(page, "radia@example.com");
      await page.getByRole("button", { name: "Use a backup code" }).click();
      await page.getByLabel("Backup code").fill(code);
      await page.getByRole("button", { name: "Go on" }).click();
    };
    await withBackupCode(codes[0] ?? "");
    await isInside(page);
    await signOut(page);
    await withBackupCode(codes[0] ?? "");
    await page.getByText("This backup code is not right or was used already.").waitFor();
    expect(troubles).toEqual([]);
  });

  test("TEN-1 a forgotten password is replaced by a link that works once", async () => {
    await person("Linus");
    await using visitor = await someone();
    const { page, troubles } = visitor;
    await signIn(page, "linus@example.com", "not the password");
    await page.getByRole("alert").getByText("do not belong together").waitFor();
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("E-mail address").fill("linus@example.com");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
    const link = await server.linkFor("linus@example.com");
    await page.goto(link);
    await page.getByLabel("New password", { exact: true }).fill("another battery staple");
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByText("Your password is changed.").waitFor();
    await signIn(page, "linus@example.com");
    await page.getByRole("alert").getByText("do not belong together").waitFor();
    await signIn(page, "linus@example.com", "another battery staple");
    await isInside(page);
    await page.goto(link);
    await page.getByLabel("New password", { exact: true }).fill("a third battery staple");
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
    expect(troubles).toEqual([]);
  });

  test("TEN-1 who has an account signs in and joins; somebody else in that browser does not", async () => {
    await person("Barbara");
    await person("Someone");
    await using ada = await someone();
    await signIn(ada.page, "ada@example.com");
    await isInside(ada.page);
    await ada.page.goto("/account/organisation");
    await ada.page.getByLabel("Their e-mail address").fill("barbara@example.com");
    await ada.page.getByLabel("Role", { exact: true }).selectOption("viewer");
    await ada.page.getByRole("button", { name: "Send the invitation" }).click();
    await ada.page.getByRole("button", { name: "Take back the invitation of barbara@example.com" }).waitFor();

    await using visitor = await someone();
    const { page, troubles } = visitor;
    await signIn(page, "someone@example.com");
    await isInside(page);
    await page.goto(await server.linkFor("barbara@example.com"));
    await page.getByText("you are signed in as someone@example.com").waitFor();
    await page.getByRole("button", { name: "Sign out and go on" }).click();
    await page.getByText("There is an account for barbara@example.com.").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("E-mail address").fill("barbara@example.com");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("You are invited to join Analytical Engines as a viewer.").waitFor();
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByText("You have joined the organisation.").waitFor();
    await page.getByRole("button", { name: "Leave Analytical Engines" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
    await page.getByText("You belong to no organisation yet.").waitFor();
    expect([...ada.troubles, ...troubles]).toEqual([]);
  });

  test("TEN-1 TEN-2 a person makes a key, replaces it and takes both back", async () => {
    await using visitor = await someone();
    const { page, troubles } = visitor;
    await signIn(page, "ada@example.com");
    await isInside(page);
    await page.goto("/account/keys");
    await page.getByText("None yet.").waitFor();
    await page.getByLabel("What is it for?").fill("Claude on the laptop");
    await page.getByLabel("Works for").selectOption("30");
    await page.getByLabel("Delete memories").uncheck();
    await page.getByRole("button", { name: "Make the key" }).click();
    const made = page.locator("#made-key");
    await made.waitFor();
    const first = await made.textContent();
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("button", { name: "Replace Claude on the laptop" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Replace" }).click();
    await made.waitFor();
    expect(await made.textContent()).not.toBe(first);
    const revoke = page.getByRole("button", { name: "Revoke Claude on the laptop" });
    await expect.poll(() => revoke.count()).toBe(2);
    for (const left of [1, 0]) {
      await revoke.first().click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await expect.poll(() => revoke.count()).toBe(left);
    }
    const keys = await server.tenants.keys.list(engines, { limit: 10 });
    expect(keys.map(({ revokedAt }) => revokedAt !== null)).toEqual([true, true]);
    expect(keys.map(({ scopes }) => scopes.includes("memories:delete"))).toEqual([false, false]);
    await page.reload();
    await page.getByText("revoked").first().waitFor();
    expect(await page.content()).not.toContain(first);
    expect(troubles).toEqual([]);
  });

  test("TEN-1 a person signs in through an OpenID provider, and comes to the page they wanted", async () => {
    await using visitor = await visit(browser, server.url, { others: [provider.issuer] });
    const { page, troubles } = visitor;
    await page.goto("/account/organisation");
    await page.waitForURL(/\/account\/sign-in\?next=%2Faccount%2Forganisation$/u);
    await page.getByRole("button", { name: "Continue with Acme" }).click();
    await page.waitForURL(`${server.url}/account/organisation`);
    await page.getByText("You belong to no organisation.").waitFor();
    await page.goto("/account");
    await page.getByText("katherine@example.com").waitFor();
    await page.getByText("You sign in with a provider and have no password here.").waitFor();
    await signOut(page);
    expect(troubles).toEqual([]);
  });

  test("TEN-1 a person sees where else they are signed in and ends it; nothing private stays after signing out", async () => {
    await person("Hedy");
    await using laptop = await someone();
    await using phone = await visit(browser, server.url, { userAgent: iphone });
    for (const { page } of [laptop, phone]) {
      await signIn(page, "hedy@example.com");
      await isInside(page);
    }
    const { page } = laptop;
    await page.reload();
    await page.getByRole("button", { name: "Sign out Safari on iPhone" }).click();
    await page.getByText("Safari on iPhone is signed out.").waitFor();
    await phone.page.reload();
    await phone.page.waitForURL(/\/account\/sign-in\?next=%2Faccount$/u);

    await page.locator("#current").fill(password);
    await page.locator("#fresh").fill("another battery staple");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Your password is changed.").waitFor();
    await page.getByText("hedy@example.com").waitFor();
    await page.getByRole("navigation").getByRole("link", { name: "Keys" }).click();
    await page.getByText("You belong to no organisation.").waitFor();
    await signOut(page);
    await page.goBack();
    await page.waitForURL(/\/account\/sign-in/u);
    expect(await page.content()).not.toContain("hedy@example.com");
    expect([...laptop.troubles, ...phone.troubles]).toEqual([]);
    expect(server.failures).toEqual([]);
  });
});
