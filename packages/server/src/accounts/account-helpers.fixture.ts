/** What tests of accounts do over and over: invitations, second factors, reading a session. */
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { createOTP } from "@better-auth/utils/otp";
import { expect } from "vitest";
import { type Browser, password, type TestAccounts, type TestAccountsOptions } from "./accounts.fixture.ts";
import { newToken, tokenHash } from "./tokens.ts";

export type OpenAccounts = (options?: TestAccountsOptions) => Promise<TestAccounts>;

/** The code of the second factor, `steps` half minutes from now. */
export const codeOf = (secretBase32: string, steps = 0): Promise<string> =>
  createOTP(fromBase32(secretBase32)).hotp(Math.floor(Date.now() / 30_000) + steps);

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const fromBase32 = (text: string): string => {
  const bits = Array.from(text, (character) => alphabet.indexOf(character).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/.{8}/gu) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))).toString("utf8");
};

export const invite = async (
  setup: TestAccounts,
  email: string,
  expiresAt = Date.now() + 3_600_000,
): Promise<string> => {
  const token = newToken();
  const invitation = { organisation: homeOrganisation, email, role: "editor", createdBy: "local", expiresAt } as const;
  await setup.tenants.organisations.invite(invitation, tokenHash(token));
  return token;
};

export interface SecondFactor {
  readonly secret: string;
  readonly backup: readonly string[];
  /** The code that confirmed it. */
  readonly code: string;
}

export const withSecondFactor = async (anna: Browser): Promise<SecondFactor> => {
  const { body } = await anna.post("/auth/second-factor/enable", { password });
  const secret = String(body["secret"]);
  const code = await codeOf(secret);
  const confirmed = await anna.post("/auth/second-factor/confirm", { code });
  expect(confirmed.body).toMatchObject({ person: { two_factor: true } });
  return { secret, backup: body["backup_codes"] as unknown as readonly string[], code };
};

export const reads = (
  setup: TestAccounts,
  { cookies }: Browser,
  headers: Record<string, string> = {},
  unsafe = false,
) =>
  setup.accounts.sessionReader({
    bearer: null,
    headers: new Headers({ cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; "), ...headers }),
    organisation: null,
    address: "127.0.0.1",
    unsafe,
  });
