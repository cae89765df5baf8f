/** Signing in with a password and a second factor, signing out, and what a browser's session is. */
import { normalEmail } from "@cairn/directory/people/email-address";
import { toCairnError } from "@cairn/kernel/error";
import { z } from "zod";
import type { AuthAnswer, AuthCall } from "./auth.ts";
import type { AccountOperation } from "./events.ts";
import { notGood } from "./account-errors.ts";
import { accountRoute, type AccountParts, type Answer, personOf, showPerson, type Visit } from "./visit.ts";

/** Where there is no such account as much is hashed as where there is one. */
const nobody = "nobody@cairn.invalid";

export const password = z.string().min(1).max(512);
export const email = z.string().min(1).max(320);
export const nothing = z.strictObject({});
export const noBody = z.undefined();

/** better-auth, called as this visit. */
export const callAuth = async (
  { auth }: Pick<AccountParts, "auth">,
  visit: Visit,
  call: Pick<AuthCall, "path" | "body" | "method">,
  options: { readonly withoutSession?: boolean } = {},
): Promise<AuthAnswer> =>
  (await auth()).call({
    ...call,
    cookies: visit.cookies(options),
    address: visit.address,
    userAgent: visit.request.headers.get("user-agent"),
  });

/** Tells how the work ended, and lets it end so. */
export const told = async <Result>(
  visit: Visit,
  operation: AccountOperation,
  who: string | (() => Promise<string>),
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    const result = await work();
    visit.tell(operation, who);
    return result;
  } catch (error) {
    visit.tell(operation, who, toCairnError(error));
    throw error;
  }
};

export const principalOfEmail =
  ({ people }: Pick<AccountParts, "people">, address: string) =>
  async (): Promise<string> =>
    (await people.findByEmail(address))?.principal ?? "anonymous";

/** The answer to whoever is signed in now. The session that the browser had before is over. */
export const welcome = async (
  parts: AccountParts,
  visit: Visit,
  { body, cookies }: Pick<AuthAnswer, "body" | "cookies">,
): Promise<Answer> => {
  const { id } = (body["user"] ?? {}) as { readonly id?: unknown };
  if (typeof id !== "string") throw notGood();
  if (visit.session !== null) {
    await parts.people.endSessions(visit.session.principal, { only: visit.session.id });
  }
  return { body: { person: showPerson(await personOf(parts, `user:${id}`)) }, cookies };
};

export const signInWithPassword = async (
  parts: AccountParts,
  visit: Visit,
  given: { readonly email: string; readonly password: string; readonly remember: boolean },
): Promise<Answer> => {
  const answer = await callAuth(parts, visit, {
    path: "/sign-in/email",
    body: { email: given.email, password: given.password, rememberMe: given.remember },
  });
  if (answer.body["twoFactorRedirect"] === true) {
    return { body: { second_factor: answer.body["twoFactorMethods"] }, cookies: answer.cookies };
  }
  return welcome(parts, visit, answer);
};

const signIn = accountRoute(
  "POST",
  "/sign-in",
  z.strictObject({ email, password, remember: z.boolean().optional() }),
  async (parts, visit, given) => {
    const address = normalEmail(given.email) ?? nobody;
    return told(visit, "sign-in.password", principalOfEmail(parts, address), async () => {
      await parts.limits.count("sign-in", visit.address, address);
      const answer = await signInWithPassword(parts, visit, {
        email: address,
        password: given.password,
        remember: given.remember ?? true,
      });
      await parts.limits.right("sign-in", address);
      return answer;
    });
  },
);

const code = z.string().min(1).max(64);

const secondFactor = accountRoute(
  "POST",
  "/second-factor",
  z.union([z.strictObject({ code }), z.strictObject({ backup_code: code })]),
  async (parts, visit, given) => {
    let principal = "anonymous";
    return told(
      visit,
      "sign-in.second-factor",
      async () => principal,
      async () => {
        await parts.limits.count("code", visit.address, null);
        const call =
          "code" in given
            ? { path: "/two-factor/verify-totp", body: { code: given.code.replaceAll(" ", "") } }
            : { path: "/two-factor/verify-backup-code", body: { code: given.backup_code.trim() } };
        const answer = await welcome(parts, visit, await callAuth(parts, visit, call, { withoutSession: true }));
        const { person } = answer.body as { readonly person: { readonly id: string } };
        principal = `user:${person.id}`;
        await parts.limits.right("code", person.id);
        return answer;
      },
    );
  },
);

const signOut = accountRoute("POST", "/sign-out", nothing, async (parts, visit) => {
  const { cookies } = await callAuth(parts, visit, { path: "/sign-out" });
  if (visit.session !== null) {
    await parts.people.endSessions(visit.session.principal, { only: visit.session.id });
    visit.tell("sign-out", visit.session.principal);
  }
  return { body: { status: "ok" }, cookies };
});

const readSession = accountRoute("GET", "/session", noBody, async (parts, visit) => {
  if (visit.session === null) return { body: { person: null, session: null } };
  // better-auth's own answer is not used, only that it lets a session last longer while it is used.
  const { cookies } = await callAuth(parts, visit, { method: "GET", path: "/get-session" });
  const { id, createdAt, expiresAt, principal } = visit.session;
  const session = { id, created_at: new Date(createdAt).toISOString(), expires_at: new Date(expiresAt).toISOString() };
  return { body: { person: showPerson(await personOf(parts, principal)), session }, cookies };
});

export const signInRoutes = [signIn, secondFactor, signOut, readSession];
