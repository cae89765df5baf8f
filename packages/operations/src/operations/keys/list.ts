import { CairnError } from "@cairn/kernel/error";
import type { KeyRecord } from "@cairn/directory/keys/key-directory";
import { reaches } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { absent } from "../../absent.ts";
import type { CallContext } from "../../context.ts";
import { maySeeKey, principalOfKey } from "../../keys/visible-key.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { cursor, nextCursor, wholeOr } from "../../schemas/common.ts";
import { key, showKey } from "../../schemas/key.ts";
import { spaceReference } from "../../schemas/space.ts";

interface Page {
  readonly space?: string;
  readonly before: string | null;
  readonly limit: number;
}

const pageOf = async ({ caller, tenants, organisation }: CallContext, page: Page): Promise<readonly KeyRecord[]> => {
  const { principal, role, key: own } = caller.identity;
  if (principal === "local" || reaches(role, "admin")) return tenants.keys.list(organisation, page);
  // A key that stands for itself is nobody's, so that it sees itself and no other.
  if (own === null || principal !== principalOfKey(own)) {
    return tenants.keys.list(organisation, { ...page, owner: principal });
  }
  const found = page.before === null ? await tenants.keys.lookUp(organisation, own) : null;
  return found === null || (page.space !== undefined && found.space !== page.space) ? [] : [found];
};

/** A cursor tells of a key: it must be one that the caller sees. */
const requireSeen = async ({ caller, tenants, organisation }: CallContext, id: string): Promise<void> => {
  const found = await tenants.keys.lookUp(organisation, id);
  if (found === null || !maySeeKey(caller.identity, found)) {
    throw new CairnError("request.invalid", "The cursor is not from a list of keys.");
  }
};

export const listKeys = defineOperation({
  name: "keys.list",
  summary: "List API keys",
  description:
    "Your keys, the newest first; admins see those of their organisation. Keys that have ended stay listed for 90 days.",
  input: z.object({
    space: spaceReference.nullish().meta({ description: "Only keys that are bound to this space, by id or name." }),
    limit: wholeOr("limit", 1, 1_000, 100),
    cursor: cursor.nullish(),
  }),
  output: z.object({ keys: z.array(key), nextCursor }),
  permission: "keys:manage",
  audit: "read",
  usage: noUsage,
  subjects: () => [],
  run: async (context, input) => {
    const { space: boundTo } = context.caller.identity;
    const space = absent(input.space) ? boundTo : await context.space(input.space);
    const before = input.cursor ?? null;
    if (before !== null) await requireSeen(context, before);
    const { limit } = input;
    const found = await pageOf(context, { ...(space === null ? {} : { space }), before, limit });
    const now = context.clock();
    return {
      keys: found.map((record) => showKey(record, now)),
      nextCursor: found.length < limit ? null : (found.at(-1)?.id ?? null),
    };
  },
});
