/** The setting of OpenID providers that people may sign in through. */
import { z } from "zod";
import { readSecret } from "./secret-file.ts";

export interface SignInProvider {
  /** Part of the address that the provider sends people back to: `/auth/callback/<id>`. */
  readonly id: string;
  readonly name: string;
  /** Exactly as its discovery document names it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client, which has PKCE alone. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
}

const isSafeIssuer = (given: string): boolean => {
  const url = URL.parse(given);
  if (url === null || url.search !== "" || url.hash !== "" || url.username !== "") return false;
  return url.protocol === "https:" || /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(url.hostname);
};

const one = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/u, "must be 1 to 40 of a-z, 0-9, - and _"),
  name: z.string().trim().min(1).max(60).optional(),
  issuer: z.string().refine(isSafeIssuer, "must be an https address, as the provider's discovery document names it"),
  client_id: z.string().min(1).max(500),
  client_secret: z.string().min(1).max(2_000).optional(),
  client_secret_file: z.string().min(1).optional(),
  scopes: z.array(z.string().min(1).max(100)).max(20).default(["openid", "email", "profile"]),
});

const parsed = (given: string): unknown => {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given;
  }
};

const message = "must be a list of providers, each with id, issuer, client_id and client_secret";

/** A list in `config.yaml`; as a variable the same as JSON. */
export const signInProviders = z.preprocess(
  (given) => (typeof given === "string" ? parsed(given) : given),
  z
    .array(one, message)
    .max(20)
    .refine((given) => new Set(given.map(({ id }) => id)).size === given.length, "must have ids of their own"),
);

/** Throws config.invalid where a secret's file cannot be read. */
export const signInProvidersOf = (given: z.output<typeof signInProviders>): readonly SignInProvider[] =>
  given.map(({ id, name, issuer, client_id, client_secret, client_secret_file, scopes }) => ({
    id,
    name: name ?? id,
    issuer,
    clientId: client_id,
    clientSecret:
      client_secret ??
      (client_secret_file === undefined ? null : readSecret(`client_secret_file of ${id}`, client_secret_file)),
    scopes,
  }));
