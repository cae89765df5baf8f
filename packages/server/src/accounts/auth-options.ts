/**
 * How better-auth is set up: which of its parts are used, under which names it finds our tables, and what it must not do
 * itself. What reaches it, and what of its answers leaves, is in the files of the routes.
 */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { PeopleDirectory } from "@cairn/directory/people/people-directory";
import { newId } from "@cairn/kernel/id";
import { APIError, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import type { BetterAuthOptions, BetterAuthPlugin } from "better-auth";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { Secrets } from "../auth/secrets.ts";
import { directoryAdapter } from "./adapter.ts";
import { basePath } from "./base-path.ts";
import { cookiePrefix } from "./cookies.ts";
import { mayTryCode } from "./limits.ts";
import { sessionSecret } from "./session-secret.ts";

/** Set by our edge alone; what comes from outside under this name is dropped with all other headers. */
export const addressHeader = "x-cairn-client-address";

const day = 86_400;

/** better-auth names versions with numbers; the ids of secrets are 48 bits. */
const versionOf = (id: string): number => Number.parseInt(id, 16);

export interface AuthParts {
  readonly database: DirectoryDatabase;
  readonly people: PeopleDirectory;
  readonly secrets: Secrets;
  /** `https://memory.example.com`, without a slash at its end. */
  readonly origin: string;
  /** Whether a person who comes through a provider, of a verified address, may have an account. */
  readonly mayJoin: (email: string) => Promise<boolean>;
  readonly plugins?: readonly BetterAuthPlugin[];
}

const nothing = { accessToken: null, refreshToken: null, idToken: null, scope: null };
const noTokens = { ...nothing, accessTokenExpiresAt: null, refreshTokenExpiresAt: null };

/**
 * A code of a second factor works once (RFC 6238 §5.2) and cannot be tried without end, whether it ends a sign-in or
 * confirms a new factor. It is burnt before it is looked at, so that of two who bring it at once one fails.
 */
const guardCodes = (people: PeopleDirectory) =>
  createAuthMiddleware(async (context) => {
    const isTotp = context.path === "/two-factor/verify-totp";
    if (!isTotp && context.path !== "/two-factor/verify-backup-code") return;
    const signedIn = await getSessionFromCtx(context);
    const cookie = context.context.createAuthCookie("two_factor");
    const challenge = await context.getSignedCookie(cookie.name, context.context.secret);
    const found =
      signedIn === null && typeof challenge === "string"
        ? await context.context.internalAdapter.findVerificationValue(challenge)
        : null;
    const person = signedIn?.user.id ?? found?.value;
    // Without either the endpoint itself refuses.
    if (person === undefined) return;
    const { code } = context.body as { readonly code: string };
    if (!(await mayTryCode(people, person, isTotp ? code : null))) {
      throw new APIError("UNAUTHORIZED", { code: "INVALID_CODE", message: "Invalid code" });
    }
  });

export const authOptions = ({ database, people, secrets, origin, mayJoin, plugins = [] }: AuthParts) =>
  ({
    appName: "Cairn",
    baseURL: origin,
    basePath,
    trustedOrigins: [origin],
    secret: sessionSecret(secrets.current),
    secrets: secrets.all.map((secret) => ({ version: versionOf(secret.id), value: sessionSecret(secret) })),
    database: directoryAdapter(database),
    telemetry: { enabled: false },
    // Its lines name addresses of mail; what goes wrong is thrown and logged by our edge.
    logger: { disabled: true },
    onAPIError: { throw: true, errorURL: `${origin}/account/sign-in` },
    // Ours count on all servers, by account as well (`limits.ts`).
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      requireEmailVerification: true,
      minPasswordLength: 1,
      maxPasswordLength: 512,
    },
    user: {
      modelName: "people",
      fields: { emailVerified: "email_verified", createdAt: "created_at", updatedAt: "updated_at" },
    },
    session: {
      modelName: "sessions",
      fields: {
        userId: "person",
        ipAddress: "address",
        userAgent: "user_agent",
        expiresAt: "expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
      expiresIn: 14 * day,
      updateAge: day,
      // Each request asks the directory: a session that was ended is over on every server.
      cookieCache: { enabled: false },
    },
    account: {
      modelName: "accounts",
      fields: {
        userId: "person",
        accountId: "account_id",
        providerId: "provider_id",
        accessToken: "access_token",
        refreshToken: "refresh_token",
        idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at",
        refreshTokenExpiresAt: "refresh_token_expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
      updateAccountOnSignIn: false,
      // Linked only where both sides have verified the address.
      accountLinking: { enabled: true, trustedProviders: [], requireLocalEmailVerified: true },
    },
    verification: {
      modelName: "verifications",
      fields: { expiresAt: "expires_at", createdAt: "created_at", updatedAt: "updated_at" },
      storeIdentifier: "hashed",
      // Ours are swept in the background.
      disableCleanup: true,
    },
    advanced: {
      database: { generateId: () => newId() },
      useSecureCookies: false,
      cookiePrefix: cookiePrefix(origin),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/", secure: origin.startsWith("https://") },
      ipAddress: { ipAddressHeaders: [addressHeader] },
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
    databaseHooks: {
      user: {
        create: {
          // Only providers make people here; accounts with a password are made by `sign-up.ts`.
          before: async (user) => {
            if (!user.emailVerified) throw new APIError("FORBIDDEN", { code: "address_not_verified" });
            if (!(await mayJoin(user.email))) throw new APIError("FORBIDDEN", { code: "not_invited" });
            return { data: { ...user, name: user.name.trim().slice(0, 100) || "New person", image: null } };
          },
        },
      },
      account: {
        // What providers hand out is not kept: nothing here acts for people at their providers.
        create: { before: async (account) => ({ data: { ...account, ...noTokens } }) },
        update: { before: async (account) => ({ data: { ...account, ...noTokens } }) },
      },
      session: {
        create: {
          before: async (session) => {
            const person = await people.find(`user:${session.userId}`);
            if (person === null || person.disabledAt !== null) throw new APIError("FORBIDDEN", { code: "DISABLED" });
          },
        },
      },
    },
    hooks: { before: guardCodes(people) },
    plugins: [
      twoFactor({
        issuer: "Cairn",
        schema: {
          user: { fields: { twoFactorEnabled: "two_factor_enabled" } },
          twoFactor: {
            modelName: "second_factors",
            fields: {
              userId: "person",
              backupCodes: "backup_codes",
              failedVerificationCount: "failures",
              lockedUntil: "locked_until",
            },
          },
        },
      }),
      ...plugins,
    ],
  }) satisfies BetterAuthOptions;
