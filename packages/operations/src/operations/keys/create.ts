import { CairnError } from "@cairn/kernel/error";
import { reaches, type Role } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { absent } from "../../absent.ts";
import type { CallContext } from "../../context.ts";
import { issueKey } from "../../keys/issue-key.ts";
import { addressesWithin, endWithin, instanceWithin, keyBoundsOf, scopesWithin } from "../../keys/key-bounds.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { ownSpace } from "../../own-space.ts";
import {
  checkEnd,
  givenEnd,
  keyAddresses,
  keyEnd,
  keyInstance,
  keyLabel,
  keyRole,
  newKey,
  showKey,
} from "../../schemas/key.ts";
import { spaceReference } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";
import { scopeList } from "../../schemas/token.ts";

const input = z
  .object({
    label: keyLabel,
    scopes: scopeList.nullish().meta({
      description: "All that the key may be used for; absent: what an agent needs, as far as you may do it yourself.",
    }),
    space: spaceReference.nullish().meta({
      description: "The only space that it reaches, by id or name; absent: all that you reach.",
    }),
    instance: keyInstance.nullish(),
    addresses: keyAddresses.nullish(),
    role: keyRole.nullish().meta({
      description: "For admins: makes a key that stands for itself with this role, and stays when you leave.",
    }),
    owner: text({
      name: "owner",
      max: 255,
      trim: true,
      describe: "The member whose key it is; you when absent.",
    }).nullish(),
    ...keyEnd,
  })
  .check(checkEnd);
type Input = z.output<typeof input>;

interface Whose {
  readonly owner: string | null;
  readonly role: Role | null;
}

const isPerson = (principal: string): boolean => principal.startsWith("user:");

/** A key acts for the person who makes it, or stands for itself. Throws auth.forbidden, member.not_found. */
const whoseKey = async (context: CallContext, { owner = null, role = null }: Input): Promise<Whose> => {
  const { principal, role: own } = context.caller.identity;
  const isLocal = principal === "local";
  if (owner !== null && role !== null) {
    throw new CairnError("request.invalid", "owner and role exclude each other: a member's key has the member's role.");
  }
  if (owner !== null && !(owner === principal && isPerson(principal))) {
    if (!isLocal) throw new CairnError("auth.forbidden", "You can make keys for yourself, not for somebody else.");
    const member = isPerson(owner) ? await context.tenants.organisations.roleOf(context.organisation, owner) : null;
    if (member === null) throw new CairnError("member.not_found", "There is no such member.");
    return { owner, role: null };
  }
  if (role === null && isPerson(principal)) return { owner: principal, role: null };
  if (!isLocal && !reaches(own, "admin")) {
    throw new CairnError("auth.forbidden", "Keys that stand for themselves are made by admins of the organisation.");
  }
  return { owner: null, role: role ?? "editor" };
};

/** Null: all spaces of whoever the key acts for. Throws space.not_found, space.forbidden, request.invalid. */
const spaceOf = async (context: CallContext, wanted: string | null, { owner }: Whose): Promise<string | null> => {
  const reference = wanted ?? context.caller.identity.space;
  if (reference === null) return null;
  const id = await ownSpace(context, reference);
  if (owner === null && !(await context.may("manage", id))) {
    throw new CairnError("space.forbidden", "To make a key that stands for itself you must manage its space.");
  }
  return id;
};

export const createKey = defineOperation({
  name: "keys.create",
  summary: "Create an API key",
  description:
    "Answers the whole key, once; only what recognises it is kept. A key does at most what you may do yourself: it acts for you and ends when you leave the organisation. Admins can make keys that stand for themselves, for servers and agents, with a `role`. Give each program a key of its own, with no more scopes than it needs.",
  input,
  output: newKey,
  permission: "keys:manage",
  audit: "administrate",
  usage: noUsage,
  expects: ({ instance }) => ({ agents: absent(instance) ? 0 : 1 }),
  confidential: true,
  subjects: (_input, { id }) => [id],
  run: async (context, given) => {
    const { caller, organisation, note, tenants } = context;
    const now = context.clock();
    const bounds = await keyBoundsOf(context);
    const whose = await whoseKey(context, given);
    const space = await spaceOf(context, given.space ?? null, whose);
    const { key, kept } = await issueKey(context, {
      ...whose,
      organisation,
      space,
      label: given.label,
      scopes: scopesWithin(bounds, given.scopes ?? null, space),
      instance: instanceWithin(bounds, given.instance ?? null),
      addresses: addressesWithin(bounds, given.addresses ?? null),
      replaces: null,
      createdBy: caller.identity.principal,
      expiresAt: endWithin(bounds, givenEnd(given, now), now),
    });
    return { ...showKey(await tenants.keys.create(kept, note), now), key };
  },
});
