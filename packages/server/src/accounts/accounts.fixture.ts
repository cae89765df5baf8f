/** Accounts over HTTP for tests: a server on loopback around `handle`, and browsers that keep cookies. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { tenantsOver } from "@cairn/directory/tenants";
import type { Problem } from "../rest/problem.ts";
import type { OutgoingMail } from "../mail/mail.ts";
import { secretsOf } from "../auth/secrets.ts";
import { type Accounts, type AccountsOptions, openAccounts } from "./accounts.ts";
import type { AccountEvent } from "./events.ts";

export const aSecret = "a secret of the tests, long enough to be one";
export const password = "correct horse battery";

export interface TestAccountsOptions {
  readonly database?: DirectoryDatabase;
  readonly secrets?: readonly string[];
  readonly signUp?: "invited" | "open";
  readonly providers?: AccountsOptions["settings"]["providers"];
  readonly publicUrl?: string;
  readonly clock?: () => number;
}

/** One browser: its cookies, and what it sends with each request. */
export interface Browser {
  readonly cookies: Map<string, string>;
  readonly get: (path: string) => Promise<Reply>;
  readonly post: (path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  // Tests look at what they expect to be there.
  readonly body: Readonly<Record<string, never>> & Partial<Problem> & Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
}

const keep = (cookies: Map<string, string>, set: readonly string[]): void => {
  for (const cookie of set) {
    const [pair = ""] = cookie.split(";");
    const at = pair.indexOf("=");
    if (/max-age=0/iu.test(cookie)) cookies.delete(pair.slice(0, at));
    else cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
};

export interface TestAccounts extends AsyncDisposable {
  readonly accounts: Accounts;
  readonly tenants: ReturnType<typeof tenantsOver>;
  readonly database: DirectoryDatabase;
  readonly url: string;
  readonly mails: readonly OutgoingMail[];
  readonly events: readonly AccountEvent[];
  readonly errors: readonly unknown[];
  readonly browser: (address?: string) => Browser;
  /** Waits for what goes on behind answers. */
  readonly settled: () => Promise<void>;
  /** The token of the newest mail to the address. */
  readonly tokenFor: (email: string) => Promise<string>;
  /** A person who has signed up, in a browser that is signed in. */
  readonly signUp: (email: string, name?: string) => Promise<Browser>;
}

/** Given by the test in place of a socket's address; the edge's own work is not tested here. */
const testAddress = "x-test-address";

export const testAccounts = async ({
  database = openSqliteDatabase({ file: ":memory:" }),
  secrets = [aSecret],
  signUp = "open",
  providers = [],
  publicUrl,
  clock = Date.now,
}: TestAccountsOptions = {}): Promise<TestAccounts> => {
  const tenants = tenantsOver(database, clock);
  const mails: OutgoingMail[] = [];
  const events: AccountEvent[] = [];
  const errors: unknown[] = [];
  let url = "";
  const accounts = openAccounts({
    database,
    people: tenants.people,
    organisations: tenants.organisations,
    secrets: secretsOf(secrets),
    settings: { signUp, providers },
    mail: {
      send: (mail) => void mails.push(mail),
      figures: () => ({ waiting: 0, sent: mails.length, failed: 0 }),
      idle: async () => undefined,
      close: async () => undefined,
    },
    clock,
    publicUrl: () => publicUrl ?? url,
    onEvent: (event) => void events.push(event),
    log: { failed: (error) => void errors.push(error), warn: (line) => void errors.push(line) },
  });
  const answer = getRequestListener((request) =>
    accounts.handle(request, { address: request.headers.get(testAddress) ?? "127.0.0.1" }),
  );
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const origin = publicUrl ?? url;

  const browser = (address = "127.0.0.1"): Browser => {
    const cookies = new Map<string, string>();
    const send = async (path: string, init: RequestInit): Promise<Reply> => {
      const headers = new Headers(init.headers);
      if (cookies.size > 0)
        headers.set("cookie", Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; "));
      headers.set(testAddress, address);
      const response = await fetch(`${url}${path}`, { ...init, headers, redirect: "manual" });
      const setCookies = response.headers.getSetCookie();
      keep(cookies, setCookies);
      const text = await response.text();
      const body = (text === "" ? {} : JSON.parse(text)) as Reply["body"];
      return { status: response.status, body, headers: response.headers, setCookies };
    };
    return {
      cookies,
      get: (path) => send(path, {}),
      post: (path, body = {}, headers = {}) =>
        send(path, {
          method: "POST",
          headers: { "content-type": "application/json", origin, ...headers },
          body: JSON.stringify(body),
        }),
    };
  };
  const settled = () => accounts.close(10_000);
  const tokenFor = async (email: string): Promise<string> => {
    await settled();
    const mail = mails.findLast(({ to }) => to === email);
    return /#token=(?<token>\S+)/u.exec(mail?.letter.text ?? "")?.groups?.["token"] ?? "";
  };
  return {
    accounts,
    tenants,
    database,
    url,
    mails,
    events,
    errors,
    browser,
    settled,
    tokenFor,
    signUp: async (email, name = "Anna") => {
      const anna = browser();
      await anna.post("/auth/sign-up", { email });
      const reply = await anna.post("/auth/join", { token: await tokenFor(email), name, password });
      if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
      return anna;
    },
    [Symbol.asyncDispose]: async () => {
      await settled();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if ("close" in database) await (database as DirectoryDatabase & { close: () => Promise<void> }).close();
    },
  };
};
