/** A real browser for tests: Debian's Chromium, or the one that CAIRN_TEST_CHROMIUM names. */
import { access, constants } from "node:fs/promises";
import axe from "axe-core";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { describe } from "vitest";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const find = async (): Promise<string | null> => {
  const named = process.env["CAIRN_TEST_CHROMIUM"];
  for (const place of named === undefined ? places : [named]) {
    const there = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return place;
  }
  return null;
};

const program = await find();

/** Vitest's `describe`, or the one that skips everything where there is no browser. */
export const browserOrSkip = (what: string): typeof describe.skip => {
  if (program !== null) return describe;
  process.stderr.write(`SKIPPED: ${what}: there is no Chromium here. CAIRN_TEST_CHROMIUM names the program.\n`);
  return describe.skip;
};

const args = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

export const openBrowser = (): Promise<Browser> => {
  if (program === null) throw new Error("There is no Chromium.");
  return chromium.launch({ executablePath: program, chromiumSandbox: process.getuid?.() !== 0, args });
};

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the pages complained about, and requests to other origins; empty when all is well. */
  readonly troubles: readonly string[];
}

/** Answers of the server that a page is meant to show; a browser mentions each on its console. */
const refusal = /^Failed to load resource: the server responded with a status of 4\d\d/u;

export interface VisitOptions extends BrowserContextOptions {
  /** Further origins that may be asked. */
  readonly others?: readonly string[];
}

/** A person at a browser of their own: cookies are shared with nobody. */
export const visit = async (
  browser: Browser,
  url: string,
  { others = [], ...options }: VisitOptions = {},
): Promise<Visitor> => {
  const context = await browser.newContext({ baseURL: url, locale: "en-GB", timezoneId: "UTC", ...options });
  context.setDefaultTimeout(30_000);
  const troubles: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !refusal.test(message.text())) troubles.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const at = new URL(request.url());
    if (at.protocol !== "data:" && ![url, ...others].includes(at.origin)) troubles.push(`request: ${at.href}`);
  });
  return { page, context, troubles, [Symbol.asyncDispose]: () => context.close() };
};

/** What axe finds against WCAG 2.2 AA and its own good practice, one line each. */
export const barriers = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source);
  const found = await page.evaluate<axe.AxeResults>(
    `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`,
  );
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
};
