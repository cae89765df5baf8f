/** Setting up a second factor: time-based codes (RFC 6238) and backup codes. All but the codes ask for the password. */
import { z } from "zod";
import { noticeLetter } from "../mail/letter.ts";
import { notGood } from "./account-errors.ts";
import type { AuthAnswer } from "./auth.ts";
import type { AccountOperation } from "./events.ts";
import { callAuth, password, told } from "./sign-in.ts";
import { forgotUrl } from "./tokens.ts";
import { accountRoute, type AccountParts, personOf, showPerson, signedIn, type Visit } from "./visit.ts";

/** Calls better-auth with the password of who is signed in, which cannot be tried without end either. */
const withPassword = async (
  parts: AccountParts,
  visit: Visit,
  operation: AccountOperation,
  path: string,
  given: string,
): Promise<AuthAnswer> => {
  const { principal } = signedIn(visit);
  return told(visit, operation, principal, async () => {
    const person = await personOf(parts, principal);
    await parts.limits.count("password", visit.address, person.id);
    const answer = await callAuth(parts, visit, { path, body: { password: given } });
    await parts.limits.right("password", person.id);
    return answer;
  });
};

const notify = async (parts: AccountParts, visit: Visit, what: string): Promise<void> => {
  const person = await personOf(parts, signedIn(visit).principal);
  parts.mail.send({ to: person.email, letter: noticeLetter(what, forgotUrl(visit.origin)) });
};

/** The person as it is now, with the new session's cookie. */
const changed = async (parts: AccountParts, visit: Visit, { cookies }: AuthAnswer) => ({
  body: { person: showPerson(await personOf(parts, signedIn(visit).principal)) },
  cookies,
});

const withOwnPassword = z.strictObject({ password });

const enable = accountRoute("POST", "/second-factor/enable", withOwnPassword, async (parts, visit, given) => {
  const answer = await withPassword(parts, visit, "second-factor.enable", "/two-factor/enable", given.password);
  const { totpURI, backupCodes } = answer.body;
  const secret = URL.parse(String(totpURI))?.searchParams.get("secret");
  return { body: { uri: totpURI, secret, backup_codes: backupCodes } };
});

const confirm = accountRoute(
  "POST",
  "/second-factor/confirm",
  z.strictObject({ code: z.string().min(1).max(64) }),
  async (parts, visit, given) => {
    const { principal } = signedIn(visit);
    const answer = await told(visit, "second-factor.confirm", principal, async () => {
      await parts.limits.count("code", visit.address, null);
      const person = await personOf(parts, principal);
      if (person.twoFactor) throw notGood();
      const body = { code: given.code.replaceAll(" ", "") };
      return callAuth(parts, visit, { path: "/two-factor/verify-totp", body });
    });
    await notify(parts, visit, "A second factor now protects your account.");
    return changed(parts, visit, answer);
  },
);

const disable = accountRoute("POST", "/second-factor/disable", withOwnPassword, async (parts, visit, given) => {
  const answer = await withPassword(parts, visit, "second-factor.disable", "/two-factor/disable", given.password);
  await notify(parts, visit, "The second factor of your account was removed.");
  return changed(parts, visit, answer);
});

const backupCodes = accountRoute(
  "POST",
  "/second-factor/backup-codes",
  withOwnPassword,
  async (parts, visit, given) => {
    const path = "/two-factor/generate-backup-codes";
    const answer = await withPassword(parts, visit, "second-factor.backup-codes", path, given.password);
    return { body: { backup_codes: answer.body["backupCodes"] } };
  },
);

export const secondFactorRoutes = [enable, confirm, disable, backupCodes];
