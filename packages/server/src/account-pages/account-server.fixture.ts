/** The account pages, `/auth/…` and `/v1/…` on one port over a database in memory: what people in browsers visit in tests. */
import { createHmac } from "node:crypto";
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { type Tenants, tenantsOver } from "@cairn/directory/tenants";
import { anonymousIdentity } from "@cairn/memory/permission/identity";
import type { Services } from "@cairn/operations/context";
import type { Pipeline } from "@cairn/operations/pipeline";
import { type Accounts, type AccountsOptions, openAccounts } from "../accounts/accounts.ts";
import { basePath } from "../accounts/base-path.ts";
import { accountRoutes } from "../accounts/routes.ts";
import { secretsOf } from "../auth/secrets.ts";
import type { OutgoingMail } from "../mail/mail.ts";
import type { Action } from "../rest/app.ts";
import { serving } from "../test-support.ts";
import { accountPages } from "./account-pages.ts";

export interface AccountServer extends AsyncDisposable {
  readonly url: string;
  readonly accounts: Accounts;
  readonly tenants: Tenants;
  /** The address in the newest mail to someone. */
  readonly linkFor: (email: string) => Promise<string>;
  /** What went wrong behind answers; empty when all is well. */
  readonly failures: readonly unknown[];
}

export interface AccountServerOptions {
  readonly signUp: "invited" | "open";
  readonly providers?: AccountsOptions["settings"]["providers"];
  /** Operations over these services, and whatever else they need. */
  readonly pipelineOver: (services: Pick<Services, "tenants" | "clock" | "invite">) => Pipeline;
}

export const openAccountServer = async ({
  signUp,
  providers = [],
  pipelineOver,
}: AccountServerOptions): Promise<AccountServer> => {
  const database = openSqliteDatabase({ file: ":memory:" });
  const tenants = tenantsOver(database, Date.now);
  const mails: OutgoingMail[] = [];
  const failures: unknown[] = [];
  let url = "";
  const accounts = openAccounts({
    database,
    people: tenants.people,
    organisations: tenants.organisations,
    secrets: secretsOf(["a secret of the tests, long enough to be one"]),
    settings: { signUp, providers },
    mail: {
      send: (mail) => void mails.push(mail),
      figures: () => ({ waiting: 0, sent: mails.length, failed: 0 }),
      idle: async () => undefined,
      close: async () => undefined,
    },
    clock: Date.now,
    publicUrl: () => url,
    onEvent: () => undefined,
    log: { failed: (error) => void failures.push(error), warn: (line) => void failures.push(line) },
  });
  const pipeline = pipelineOver({ tenants, clock: Date.now, invite: accounts.sendInvitation });
  const moreActions = accountRoutes.map(({ method, path }): Action => ({
    method,
    path: `${basePath}${path}`,
    answer: (context) => accounts.handle(context.req.raw, { address: "127.0.0.1" }),
  }));
  const server = await serving(pipeline, {
    morePages: accountPages(),
    moreActions,
    log: (line) => failures.push(line),
    whoCalls: {
      isAsked: async () => true,
      identify: async ({ headers, method }) => {
        const shown = {
          bearer: null,
          headers: new Headers(
            Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]),
          ),
          organisation: typeof headers["cairn-organisation"] === "string" ? headers["cairn-organisation"] : null,
          address: "127.0.0.1",
          unsafe: method !== "GET",
        };
        return { identity: (await accounts.sessionReader(shown)) ?? anonymousIdentity, address: "127.0.0.1" };
      },
    },
  });
  // For browsers another site than 127.0.0.1, where the providers of tests are.
  url = `http://localhost:${server.port}`;
  return {
    url,
    accounts,
    tenants,
    failures,
    linkFor: async (email) => {
      await accounts.close(10_000);
      const text = mails.findLast(({ to }) => to === email)?.letter.text ?? "";
      return /https?:\/\/\S+#token=\S+/u.exec(text)?.[0] ?? "there is no mail";
    },
    [Symbol.asyncDispose]: async () => {
      await accounts.close(10_000);
      await server.close();
      await database.close();
    },
  };
};

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What an authenticator app shows `steps` half minutes from now (RFC 6238); `key` as the page shows it. */
export const codeOf = (key: string, steps = 0): string => {
  const bits = Array.from(key.replace(/\s/gu, ""), (letter) =>
    base32.indexOf(letter).toString(2).padStart(5, "0"),
  ).join("");
  const secret = Buffer.from((bits.match(/.{8}/gu) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", secret).update(counter).digest();
  const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
};
