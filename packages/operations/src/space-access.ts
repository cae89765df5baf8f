/** Which spaces one call may use, decided for each as it is named, and remembered for the length of the call. */
import type { SpaceRecord } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import { decide, type Decision, type Grant, type Reason } from "@cairn/memory/permission/decide";
import { type Permission, requirementOf, type SpaceAction } from "@cairn/memory/permission/permission";
import type { Caller, Services } from "./context.ts";
import { unknownSpace } from "./refusal.ts";

export interface SpaceAccesses {
  readonly space: (nameOrId?: string) => Promise<string>;
  readonly may: (action: SpaceAction, space: string) => Promise<boolean>;
  readonly reasonFor: (space: string) => Reason | null;
  /** Ids of the spaces that were given. */
  readonly used: () => readonly string[];
}

type Needs = Pick<Services, "directory" | "tenants">;

const noGrants: readonly Grant[] = [];

/** An error while deciding is an error of the call: nothing is given. */
const decideOn = async (
  { tenants }: Needs,
  { identity }: Caller,
  action: SpaceAction,
  record: SpaceRecord,
): Promise<Decision> => {
  // Who is no member has no grants, and the shell needs none.
  const asks = identity.principal !== "local" && identity.organisation === record.organisation;
  return decide(identity, action, record, asks ? await tenants.organisations.grantsOf(record.id) : noGrants);
};

export const makeSpaceAccesses = (services: Needs, caller: Caller, permission: Permission): SpaceAccesses => {
  const { identity } = caller;
  const action: SpaceAction = requirementOf(permission).space ?? "read";
  const reasons = new Map<string, Reason>();
  const resolve = (nameOrId: string): Promise<SpaceRecord | null> =>
    identity.organisation === null && identity.principal !== "local"
      ? Promise.resolve(null)
      : services.directory.resolve(nameOrId, identity.organisation ?? undefined);
  return {
    space: async (nameOrId = caller.defaultSpace) => {
      const record = await resolve(nameOrId);
      if (record === null) throw unknownSpace();
      const decision = await decideOn(services, caller, action, record);
      if (!decision.allowed) {
        // What may not even be read looks absent; what may be read is known to be there.
        const seen = action !== "read" && (await decideOn(services, caller, "read", record)).allowed;
        if (!seen) throw unknownSpace();
        throw new CairnError("space.forbidden", `You may read this space, and not ${action}.`, {
          hint: "An administrator of the organisation can grant more.",
        });
      }
      if (!reasons.has(record.id)) caller.usesSpace?.(record.id);
      reasons.set(record.id, decision.reason);
      return record.id;
    },
    may: async (wanted, space) => {
      const record = await resolve(space);
      return record !== null && (await decideOn(services, caller, wanted, record)).allowed;
    },
    reasonFor: (space) => reasons.get(space) ?? null,
    used: () => [...reasons.keys()],
  };
};
