/** What happened, as the ledger keeps it: entries of the audit and counts of usage. */
import { dayOf, type CountedMetric, type UsageCount } from "@cairn/directory/ledger/usage";
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation, type Identity } from "@cairn/memory/permission/identity";
import type { CallRecord } from "@cairn/operations/pipeline";

/** Null: nothing is audited of it. */
export const entryOfCall = (record: CallRecord): AuditEntry | null => {
  const { id, at, operation, audit, caller, spaces, subjects, outcome, code } = record;
  if (audit === "none") return null;
  const { identity, instance, address, requestId } = caller;
  const { principal, credential, key } = identity;
  return {
    id,
    at,
    organisation: identity.organisation ?? homeOrganisation,
    principal,
    credential,
    key,
    instance,
    operation,
    kind: audit,
    outcome,
    code,
    spaces,
    subjects,
    address,
    requestId,
  };
};

/** Whose usage it is: a key's, or of the principal that called without one; `local` is nobody in particular. */
export const meterKey = ({ key, principal }: Pick<Identity, "key" | "principal">): string =>
  key ?? (principal === "local" || principal === "anonymous" ? "" : principal);

export interface Metered {
  readonly at: Millis;
  readonly organisation: string;
  /** The only space it was about; null: none, or several. */
  readonly space: string | null;
  readonly key: string;
}

/** Whole amounts above 0; the rest is left out. */
export const countsOf = (
  { at, organisation, space, key }: Metered,
  amounts: Readonly<Partial<Record<CountedMetric, number>>>,
): readonly UsageCount[] => {
  const day = dayOf(at);
  return Object.entries(amounts)
    .map(([metric, amount]) => ({ metric: metric as CountedMetric, amount: Math.round(amount) }))
    .filter(({ amount }) => Number.isSafeInteger(amount) && amount > 0)
    .map(({ metric, amount }) => ({ organisation, day, metric, space: space ?? "", key, amount }));
};

/** Of a caller whose organisation is known; a refused call costs nothing. */
export const countsOfCall = ({ at, audit, caller, spaces, outcome, usage }: CallRecord): readonly UsageCount[] => {
  const { identity } = caller;
  if (audit === "none" || identity.organisation === null || outcome === "denied") return [];
  const { queries = 0, memories = 0, embeddings = 0 } = usage;
  const space = spaces.length === 1 ? spaces[0]! : null;
  return countsOf(
    { at, organisation: identity.organisation, space, key: meterKey(identity) },
    {
      calls: 1,
      queries,
      embeddings,
      memories_created: Math.max(0, memories),
      memories_deleted: Math.max(0, -memories),
    },
  );
};
