/**
 * What a key can be at most that this caller makes or replaces: nobody gives what they do not have. A caller with a key
 * or token hands on its bounds too (scopes, space, agent, addresses, end), so that no key makes a freer one.
 */
import type { KeyRecord } from "@cairn/directory/keys/key-directory";
import type { Millis } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { refuseCall } from "@cairn/memory/permission/may-call";
import { agentScopes, requirementOf, type Scope } from "@cairn/memory/permission/permission";
import type { CallContext } from "../context.ts";

export interface KeyBounds {
  readonly may: (scope: Scope) => boolean;
  readonly space: string | null;
  readonly instance: string | null;
  readonly addresses: readonly string[] | null;
  readonly until: Millis | null;
}

const forbidden = (message: string, hint?: string): CairnError =>
  new CairnError("auth.forbidden", message, hint === undefined ? {} : { hint });

const earliest = (...ends: readonly (Millis | null | undefined)[]): Millis | null => {
  const given = ends.filter((end) => typeof end === "number");
  return given.length === 0 ? null : Math.min(...given);
};

type Asks = Pick<CallContext, "caller" | "tenants" | "organisation">;

/** Throws auth.forbidden where the caller's own key is gone meanwhile. */
export const keyBoundsOf = async ({ caller, tenants, organisation }: Asks): Promise<KeyBounds> => {
  const { identity } = caller;
  const { space, instance, until } = identity;
  const own = identity.key === null ? null : await tenants.keys.lookUp(organisation, identity.key);
  if (identity.key !== null && own === null) throw forbidden("The key that you came with does not work any more.");
  return {
    may: (scope) => refuseCall(identity, scope) === null,
    space,
    instance,
    addresses: own?.addresses ?? null,
    until: earliest(own?.expiresAt, until),
  };
};

/** What an agent needs, as far as the caller has it, where nothing is said. */
export const scopesWithin = (
  { may }: KeyBounds,
  wanted: readonly Scope[] | null,
  space: string | null,
): readonly Scope[] => {
  const given = wanted ?? agentScopes.filter(may);
  const beyond = given.find((scope) => !may(scope));
  if (beyond !== undefined) throw forbidden(`You cannot give a key the scope ${beyond}: you may not do that yourself.`);
  const wide = space === null ? undefined : given.find((scope) => requirementOf(scope).bound !== true);
  if (wide !== undefined) {
    throw new CairnError("request.invalid", `A key of one space has no use for the scope ${wide}.`, {
      hint: "Leave the scope out, or the space.",
    });
  }
  if (given.length === 0) throw forbidden("There is nothing that a key of yours could be used for.");
  return given;
};

export const instanceWithin = ({ instance }: KeyBounds, wanted: string | null): string | null => {
  if (instance === null || wanted === null || wanted === instance) return wanted ?? instance;
  throw forbidden("Your key is bound to an agent; the keys that it makes are bound to the same one.");
};

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item) => other.includes(item));

export const addressesWithin = (
  { addresses }: KeyBounds,
  wanted: readonly string[] | null,
): readonly string[] | null => {
  if (addresses === null || wanted === null || same(wanted, addresses)) return wanted ?? addresses;
  throw forbidden("Your key may be used from some addresses only; the keys that it makes have the same ones.");
};

/** Throws request.invalid for what is over already. */
export const endWithin = ({ until }: KeyBounds, wanted: Millis | null, now: Millis): Millis | null => {
  if (wanted !== null && wanted <= now) throw new CairnError("request.invalid", "The key must end in the future.");
  if (until === null || wanted === null || wanted <= until) return wanted ?? until;
  throw forbidden("What you came with ends before that; the keys that it makes end with it at the latest.");
};

/** Whether all that the key is lies within the bounds, for who gets a new one in its place. */
export const requireWithin = (bounds: KeyBounds, key: KeyRecord): void => {
  scopesWithin(bounds, key.scopes, null);
  const { space, instance, addresses } = bounds;
  const strays =
    (space !== null && key.space !== space) ||
    (instance !== null && key.instance !== instance) ||
    (addresses !== null && (key.addresses === null || !same(key.addresses, addresses)));
  if (strays) throw forbidden("That key may do more than what you came with.");
};
