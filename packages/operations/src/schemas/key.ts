/** API keys in requests and answers (TEN-2). The key itself is in the answers of `keys.create` and `keys.rotate` only. */
import { plainBlock } from "@cairn/directory/keys/address-blocks";
import type { KeyRecord } from "@cairn/directory/keys/key-directory";
import { type Millis, toRfc3339 } from "@cairn/kernel/clock";
import { roles } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { absent } from "../absent.ts";
import { whole } from "./common.ts";
import { instant, showInstant, shownInstant } from "./instant.ts";
import { text } from "./text.ts";

export const keyId = text({ name: "id", max: 100, trim: true, describe: "The part of the key that names it." });

export const keyLabel = text({ name: "label", max: 100, trim: true, describe: "What the key is for, in your words." });

export const keyRole = z.enum(roles, `role must be one of ${roles.join(", ")}`);

export const keyInstance = text({
  name: "instance",
  max: 255,
  trim: true,
  describe: "The agent that alone uses the key: all it writes is recorded as this agent's.",
});

const mostAddresses = 20;
const addressText = text({ name: "addresses", max: 100, trim: true });

/** CIDR blocks as we write them, each once. */
export const keyAddresses = z
  .array(addressText, "addresses must be a list of texts")
  .min(1, "addresses must name at least one; leave it out for a key that may be used from anywhere")
  .max(mostAddresses, `addresses must be at most ${mostAddresses}`)
  .transform((given, context): readonly string[] => {
    const blocks = given.map(plainBlock);
    if (blocks.every((block) => block !== null)) return [...new Set(blocks)];
    context.issues.push({
      code: "custom",
      message: "addresses must be IP addresses or CIDR blocks such as 203.0.113.7 or 2001:db8::/32",
      input: given,
    });
    return z.NEVER;
  })
  .meta({
    type: "array",
    maxItems: mostAddresses,
    items: { type: "string" },
    description: "Network addresses or CIDR blocks that the key may be used from.",
  });

const longestSeconds = 10 * 365 * 86_400;

/** When a key is to end, said in one of two ways. */
export const keyEnd = {
  expiresAt: instant("expires_at", "When the key stops working").nullish(),
  expiresIn: whole("expires_in", 60, longestSeconds)
    .nullish()
    .meta({ description: "Instead of expires_at: in how many seconds." }),
} as const;

interface GivenEnd {
  readonly expiresAt?: Millis | null | undefined;
  readonly expiresIn?: number | null | undefined;
}

/** For `.check` on what holds `keyEnd`. */
export const checkEnd = ({ value, issues }: z.core.ParsePayload<GivenEnd>): void => {
  if (absent(value.expiresAt) || absent(value.expiresIn)) return;
  const message = "expires_at and expires_in exclude each other: give one of them";
  issues.push({ code: "custom", path: ["expiresIn"], message, input: value });
};

/** Null: nothing is said of an end. */
export const givenEnd = ({ expiresAt, expiresIn }: GivenEnd, now: Millis): Millis | null =>
  expiresAt ?? (absent(expiresIn) ? null : now + 1_000 * expiresIn);

export const key = z.object({
  id: z.string().meta({ description: "The part of the key that names it; the rest is kept nowhere." }),
  label: z.string(),
  state: z.enum(["working", "expired", "revoked"]),
  owner: z.string().nullable().meta({ description: "The person whose key it is; null: it stands for itself." }),
  role: keyRole.nullable().meta({ description: "Of a key that stands for itself." }),
  scopes: z.array(z.string()).meta({ description: "All that it may be used for." }),
  space: z
    .string()
    .nullable()
    .meta({ description: "The id of the only space that it reaches; null: all of its owner's." }),
  instance: z.string().nullable().meta({ description: "The agent that it is bound to." }),
  addresses: z.array(z.string()).nullable().meta({ description: "Where it may be used from; null: anywhere." }),
  replaces: z.string().nullable().meta({ description: "The id of the key that it was rotated from." }),
  createdAt: shownInstant("When it was made."),
  createdBy: z.string(),
  expiresAt: shownInstant("When it stops working.").nullable(),
  revokedAt: shownInstant("When it was revoked.").nullable(),
  lastUsedAt: shownInstant("When it was last used, to about a minute.").nullable(),
});

export const newKey = key.extend({
  key: z.string().meta({ description: "The whole key. It is shown this once: keep it." }),
});

const stateOf = ({ revokedAt, expiresAt }: KeyRecord, now: Millis): z.output<typeof key>["state"] => {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= now ? "expired" : "working";
};

export const showKey = (given: KeyRecord, now: Millis): z.output<typeof key> => ({
  id: given.id,
  label: given.label,
  state: stateOf(given, now),
  owner: given.owner,
  role: given.role,
  scopes: [...given.scopes],
  space: given.space,
  instance: given.instance,
  addresses: given.addresses === null ? null : [...given.addresses],
  replaces: given.replaces,
  createdAt: toRfc3339(given.createdAt),
  createdBy: given.createdBy,
  expiresAt: showInstant(given.expiresAt),
  revokedAt: showInstant(given.revokedAt),
  lastUsedAt: showInstant(given.lastUsedAt),
});
