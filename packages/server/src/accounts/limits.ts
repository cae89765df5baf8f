/**
 * How often what can be guessed may be tried, counted in the directory and so on all servers: by the account that is
 * tried, whoever tries it, and by the address that tries, whatever it tries. Both count alike whether or not an account
 * exists, so that reaching a limit tells nothing.
 */
import { isIPv6 } from "node:net";
import type { PeopleDirectory } from "@cairn/directory/people/people-directory";
import { CairnError } from "@cairn/kernel/error";

const minute = 60_000;

interface Rule {
  readonly most: number;
  readonly windowMs: number;
}

/** `account`: tries of one account. `address`: tries from one network address. */
export const rules = {
  "sign-in": { account: { most: 10, windowMs: 15 * minute }, address: { most: 60, windowMs: 15 * minute } },
  password: { account: { most: 10, windowMs: 15 * minute }, address: { most: 60, windowMs: 15 * minute } },
  mail: { account: { most: 5, windowMs: 60 * minute }, address: { most: 20, windowMs: 60 * minute } },
  link: { account: { most: 20, windowMs: 15 * minute }, address: { most: 60, windowMs: 15 * minute } },
  code: { account: { most: 10, windowMs: 15 * minute }, address: { most: 60, windowMs: 15 * minute } },
  provider: { account: { most: 60, windowMs: 15 * minute }, address: { most: 60, windowMs: 15 * minute } },
} as const satisfies Readonly<Record<string, { readonly account: Rule; readonly address: Rule }>>;

export type Tried = keyof typeof rules;

/** Whoever has an IPv6 address has 2^64 of them (RFC 6177). */
export const network = (address: string | null): string => {
  if (address === null || !isIPv6(address)) return address ?? "unknown";
  const mapped = /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/iu.exec(address)?.groups?.["v4"];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
};

const refuse = (until: number, now: number): never => {
  throw new CairnError("limit.rate_exceeded", "That was tried too often.", {
    retryAfterMs: Math.max(1_000, until - now),
    hint: "Wait, or ask for a new password by mail.",
  });
};

export interface AccountLimits {
  /** Counts a try. Throws limit.rate_exceeded. `account`: what is tried, such as an address of mail; null: none. */
  readonly count: (tried: Tried, address: string | null, account: string | null) => Promise<void>;
  /** It was right: the account's count begins anew. */
  readonly right: (tried: Tried, account: string) => Promise<void>;
}

type Counters = Pick<PeopleDirectory, "attempt" | "forgive">;

export const makeAccountLimits = (people: Counters, clock: () => number): AccountLimits => ({
  count: async (tried, address, account) => {
    const { address: byAddress, account: byAccount } = rules[tried];
    const one = async (what: string, { most, windowMs }: Rule): Promise<void> => {
      const { count, until } = await people.attempt(what, windowMs);
      if (count > most) refuse(until, clock());
    };
    await one(`${tried} from ${network(address)}`, byAddress);
    if (account !== null) await one(`${tried} of ${account}`, byAccount);
  },
  right: (tried, account) => people.forgive(`${tried} of ${account}`),
});

/** A code is good for a minute and a half; it is remembered longer than that. */
const burntMs = 5 * minute;

/**
 * Whether a code of a second factor may be looked at: not after too many, and `once`, a code that works once, not again.
 */
export const mayTryCode = async (people: Counters, person: string, once: string | null): Promise<boolean> => {
  const { most, windowMs } = rules.code.account;
  const tries = await people.attempt(`code of ${person}`, windowMs);
  if (tries.count > most) return false;
  if (once === null) return true;
  const uses = await people.attempt(`code ${once} of ${person}`, burntMs);
  return uses.count === 1;
};
