/** Settings of who may reach the server: sign-in, secrets, the address it is known by, proxies before it. */
import { z } from "zod";
import { names, onOrOff, text } from "./setting-types.ts";
import { type SignInProvider, signInProviders, signInProvidersOf } from "./sign-in-providers.ts";

const httpAddress = (given: string): boolean => {
  const url = URL.parse(given);
  return (
    url !== null && /^https?:$/u.test(url.protocol) && url.pathname === "/" && url.search === "" && url.hash === ""
  );
};

const leastSecret = 32;
const secretList = z
  .union([z.array(z.string()), z.string().transform((given) => given.split(/[\s,]+/u).filter(Boolean))])
  .refine(
    (given) => given.length > 0 && given.every((secret) => secret.length >= leastSecret),
    `must be secrets of ${leastSecret} characters or more, such as \`openssl rand -base64 32\` prints`,
  );

export const accessShape = {
  auth: z
    .enum(["auto", "on", "off"], "must be auto, on or off")
    .default("auto")
    .describe("Whether calls need a key or a sign-in; auto: once `cairn admin init` has made an administrator."),
  secret: secretList
    .optional()
    .describe(
      "What keys and sessions are protected with: the newest first, older ones behind it while they are still needed. Made in the data folder when absent, where there is no database.",
    ),
  public_url: text("an address such as https://memory.example.com")
    .refine(httpAddress, "must be an address such as https://memory.example.com")
    .transform((given) => new URL(given).origin)
    .optional()
    .describe(
      "The address that people and clients use; needed for sign-in where the server does not listen there itself.",
    ),
  trusted_proxies: names
    .default([])
    .describe("Addresses or CIDR blocks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8."),
  sign_up: z
    .enum(["invited", "open"], "must be invited or open")
    .default("invited")
    .describe("Who may make an account: invited people only, or anyone."),
  sign_in_providers: signInProviders
    .default([])
    .describe(
      "OpenID providers that people may sign in through: a list of id, name, issuer, client_id, client_secret (or client_secret_file) and scopes.",
    ),
  allow_private_providers: onOrOff
    .default(false)
    .describe(
      "Whether keys of identity providers may be read from private networks, and from this machine by http, too.",
    ),
} as const;

export const accessVariables = {
  auth: "CAIRN_AUTH",
  secret: "CAIRN_SECRET",
  public_url: "CAIRN_PUBLIC_URL",
  trusted_proxies: "CAIRN_TRUSTED_PROXIES",
  sign_up: "CAIRN_SIGN_UP",
  sign_in_providers: "CAIRN_SIGN_IN_PROVIDERS",
  allow_private_providers: "CAIRN_ALLOW_PRIVATE_PROVIDERS",
} as const;

/** Those that may lie in files (`…_FILE`). */
export const accessSecrets = ["secret", "sign_in_providers"] as const;

export interface AccessSettings {
  readonly auth: "auto" | "on" | "off";
  /** The newest first; null: the data folder's own. */
  readonly secrets: readonly string[] | null;
  /** An origin, such as `https://memory.example.com`. */
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
  readonly signUp: "invited" | "open";
  readonly providers: readonly SignInProvider[];
  readonly allowPrivateProviders: boolean;
}

const shape = z.object(accessShape);
type Values = z.output<typeof shape>;

export const accessSettingsOf = (value: <Key extends keyof Values>(name: Key) => Values[Key]): AccessSettings => ({
  auth: value("auth"),
  secrets: value("secret") ?? null,
  publicUrl: value("public_url") ?? null,
  trustedProxies: value("trusted_proxies"),
  signUp: value("sign_up"),
  providers: signInProvidersOf(value("sign_in_providers")),
  allowPrivateProviders: value("allow_private_providers"),
});
