/**
 * What tokens of an identity provider can be for at most that this caller sets up or changes: nobody gives what they do
 * not have. Whoever names the provider's keys can sign its tokens, so a key that may change the organisation, and nothing
 * else, would otherwise make itself one that may everything.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Identity } from "@cairn/memory/permission/identity";
import { refuseCall } from "@cairn/memory/permission/may-call";
import { agentScopes, type Scope } from "@cairn/memory/permission/permission";

/** Throws auth.forbidden for a scope that the caller lacks. */
export const requireScopesOfOwn = (identity: Identity, given: readonly Scope[]): void => {
  const beyond = given.find((scope) => refuseCall(identity, scope) !== null);
  if (beyond === undefined) return;
  throw new CairnError("auth.forbidden", `Its tokens cannot have the scope ${beyond}: you may not do that yourself.`, {
    hint: "Leave the scope out, or sign in as an admin of the organisation.",
  });
};

/** What an agent needs, as far as the caller has it, where nothing is said. Throws auth.forbidden. */
export const scopesOfProvider = (identity: Identity, wanted: readonly Scope[] | null): readonly Scope[] => {
  const given = wanted ?? agentScopes.filter((scope) => refuseCall(identity, scope) === null);
  requireScopesOfOwn(identity, given);
  if (given.length > 0) return given;
  throw new CairnError("auth.forbidden", "There is nothing that tokens of a provider of yours could be used for.");
};
