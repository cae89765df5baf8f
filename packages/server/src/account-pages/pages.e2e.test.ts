import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serving, stubPipeline } from "../test-support.ts";
import { accountPages } from "./account-pages.ts";
import { answerWith, cannedAnswers, signedOut } from "./canned-answers.fixture.ts";
import { barriers, browserOrSkip, openBrowser, visit, type Visitor } from "./chromium.fixture.ts";

const describe = browserOrSkip("how the account pages look and read");

const doors = [
  "/account/sign-in?error=not_invited",
  "/account/sign-up",
  "/account/join#token=abc",
  "/account/forgot-password",
  "/account/reset-password#token=abc",
];
const insides = ["/account?notice=welcome", "/account/keys", "/account/organisation"];

describe("the account pages in a browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serving>>;

  beforeAll(async () => {
    [browser, server] = await Promise.all([
      openBrowser(),
      serving(
        stubPipeline(() => ({})),
        { morePages: accountPages() },
      ),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Shows a page with what the server would answer; `changes` to the answers. */
  const open = async (
    path: string,
    changes: Readonly<Record<string, unknown>> = {},
    options: Parameters<typeof visit>[2] = {},
  ): Promise<Visitor> => {
    const visitor = await visit(browser, server.url, options);
    const isDoor = doors.includes(path) || path.startsWith("/account/sign-in");
    await answerWith(visitor.context, { ...cannedAnswers, ...(isDoor ? signedOut : {}), ...changes });
    await visitor.page.goto(path);
    await visitor.page.locator("#page").waitFor();
    return visitor;
  };

  const focused = (page: Page): Promise<string> => page.evaluate("document.activeElement.id");

  test("UI-3 every page is free of barriers in light and dark, quiet, and fits a phone of 320 pixels", async () => {
    const phone = { viewport: { width: 320, height: 640 }, reducedMotion: "reduce" } as const;
    await using visitor = await visit(browser, server.url, phone);
    const { page, context, troubles } = visitor;
    for (const path of [...doors, ...insides]) {
      await context.unrouteAll();
      await answerWith(context, { ...cannedAnswers, ...(doors.includes(path) ? signedOut : {}) });
      await page.goto(path);
      await page.locator("#page").waitFor();
      expect([path, await barriers(page)]).toEqual([path, []]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect([path, "dark", await barriers(page)]).toEqual([path, "dark", []]);
      await page.emulateMedia({ colorScheme: "light" });
      expect([path, await page.evaluate("document.documentElement.scrollWidth <= innerWidth")]).toEqual([path, true]);
      expect([path, troubles]).toEqual([path, []]);
    }
  });

  test("barriers are found where there are some", async () => {
    await using visitor = await open("/account/sign-in");
    const { page } = visitor;
    await page.evaluate("document.querySelector('label[for=email]').remove()");
    await page.evaluate("document.querySelector('label[for=password]').style.color = '#aaa'");
    await page.evaluate("document.documentElement.removeAttribute('lang')");
    const found = (await barriers(page)).map((one) => one.split(":")[0]);
    expect(found).toEqual(expect.arrayContaining(["color-contrast", "html-has-lang", "label"]));
  });

  test("UI-3 the steps that a page leads to are free of barriers too", async () => {
    await using visitor = await open("/account", {}, { colorScheme: "dark" });
    const { page, troubles } = visitor;
    await page.getByRole("textbox", { name: "Your password" }).fill("a password");
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("img", { name: "QR code" }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel("Code that the app shows").fill("123 456");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("heading", { name: "Your backup codes" }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole("button", { name: "Leave Poetical Science" }).click();
    await page.getByRole("dialog", { name: "Leave Poetical Science?" }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Leave Poetical Science");
    expect(troubles).toEqual([]);
  });

  test("UI-3 a key is shown once, and can be copied from there", async () => {
    await using visitor = await open("/account/keys");
    const { page, troubles } = visitor;
    await page.getByLabel("What is it for?").fill("An agent");
    await page.getByRole("button", { name: "Make the key" }).click();
    await page.getByRole("heading", { name: "Your new key" }).waitFor();
    expect(await focused(page)).toBe("made-title");
    expect(await page.locator("#made-key").textContent()).toMatch(/^cairn_/u);
    expect(await barriers(page)).toEqual([]);
    await page.getByRole("button", { name: "I have kept it" }).click();
    expect(await page.content()).not.toContain("cairn_k3");
    expect(troubles).toEqual([]);
  });

  test("UI-3 what is wrong is said beside its field, and the keyboard is taken there", async () => {
    await using visitor = await open("/account/sign-in");
    const { page } = visitor;
    expect(await focused(page)).toBe("email");
    await page.keyboard.press("Enter");
    const email = page.getByLabel("E-mail address");
    expect(await focused(page)).toBe("email");
    expect(await email.getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator("#email-error").textContent()).toBe("Type your e-mail address.");
    expect(await page.locator("#password-error").textContent()).toBe("Type your password.");
    expect(await barriers(page)).toEqual([]);
    await email.fill("nobody");
    expect(await page.locator("#email-error").textContent()).toContain("such as ada@example.com");
    await email.fill("ada@example.com");
    expect([await email.getAttribute("aria-invalid"), await page.locator("#email-error").isVisible()]).toEqual([
      null,
      false,
    ]);
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("password");
  });

  test("UI-3 the whole sign-in is done with the keyboard", async () => {
    await using visitor = await open("/account/sign-in", { "POST /auth/sign-in": { second_factor: ["totp"] } });
    const { page } = visitor;
    await page.keyboard.type("ada@example.com");
    await page.keyboard.press("Tab");
    await page.keyboard.type("a password");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "One more step" }).waitFor();
    expect(await focused(page)).toBe("code");
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.type("12345");
    await page.keyboard.press("Enter");
    expect(await page.locator("#code-error").textContent()).toBe("The code has 6 digits.");
    await page.getByRole("button", { name: "Use a backup code" }).press("Enter");
    expect(await focused(page)).toBe("backup_code");
    expect(await barriers(page)).toEqual([]);
  });

  test("UI-3 a password can be seen while it is typed, and is hidden at first", async () => {
    await using visitor = await open("/account/sign-in");
    const { page } = visitor;
    const password = page.getByLabel("Password", { exact: true });
    expect(await password.getAttribute("type")).toBe("password");
    await page.getByRole("button", { name: "Show what is typed: Password" }).click();
    expect(await password.getAttribute("type")).toBe("text");
    await page.getByRole("button", { name: "Hide what is typed: Password" }).click();
    expect(await password.getAttribute("type")).toBe("password");
  });

  test("UI-3 without JavaScript a page says that it needs it, and offers no form that would not work", async () => {
    await using visitor = await visit(browser, server.url, { javaScriptEnabled: false });
    const { page } = visitor;
    for (const path of ["/account/sign-in", "/account"]) {
      await page.goto(path);
      expect(await page.locator("noscript p").isVisible()).toBe(true);
      expect(await page.locator("form:visible, #loading:visible").count()).toBe(0);
    }
  });

  test("TEN-1 a token leaves the address and the history as soon as the page has it", async () => {
    await using visitor = await open("/account/sign-up", signedOut);
    const { page } = visitor;
    for (const path of ["/account/join", "/account/reset-password"]) {
      await page.goto(`${path}#token=abc`);
      await page.locator("#page").waitFor();
      expect(page.url()).toBe(`${server.url}${path}`);
      await page.goto("/account/sign-up");
      await page.goBack();
      expect(page.url()).toBe(`${server.url}${path}`);
    }
  });

  test("TEN-1 after signing in a link leads nowhere but to this server", async () => {
    const done = { "POST /auth/sign-in": { person: {} } };
    await using visitor = await open("/account/sign-in", done);
    const { page, troubles } = visitor;
    for (const next of ["https://evil.example/", "//evil.example", "/.//evil.example", "javascript:alert(1)"]) {
      await page.goto(`/account/sign-in?next=${encodeURIComponent(next)}`);
      await page.getByLabel("E-mail address").fill("ada@example.com");
      await page.getByLabel("Password", { exact: true }).fill("a password");
      await page.keyboard.press("Enter");
      // Nobody is signed in here, so `/account` sends back.
      await page.waitForURL(/\/account\/sign-in\?next=%2Faccount$/u);
    }
    expect(troubles).toEqual([]);
  });

  test("TEN-1 a provider is asked for the page that the person wanted, and what went wrong there is said", async () => {
    await using visitor = await open("/account/sign-in?next=%2Faccount%2Fkeys", {
      "POST /auth/sign-in/provider": { url: "/account/sign-in?error=not_linked" },
    });
    const { page, troubles } = visitor;
    const asked = page.waitForRequest("**/auth/sign-in/provider");
    await page.getByRole("button", { name: "Continue with Example Corp" }).click();
    expect((await asked).postDataJSON()).toEqual({ provider: "corp", to: "/account/keys" });
    await page.getByText("There is an account with your address already.").waitFor();
    expect(troubles).toEqual([]);
  });

  test("a server that cannot be reached, or has enough of tries, is said in words", async () => {
    await using visitor = await open("/account/forgot-password");
    const { page, context } = visitor;
    await page.getByLabel("E-mail address").fill("ada@example.com");
    await context.route("**/auth/password/forgot", (route) =>
      route.fulfill({
        status: 429,
        headers: { "Retry-After": "240" },
        json: { code: "limit.rate_exceeded", detail: "x" },
      }),
    );
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("alert").getByText("Too many tries. Wait 4 minutes and try again.").waitFor();
    await context.route("**/auth/password/forgot", (route) => route.abort());
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("alert").getByText("The server cannot be reached.").waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});
