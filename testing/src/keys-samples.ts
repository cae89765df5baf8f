/** Keys and organisations to try a `KeyDirectory` with (`keys-conformance.ts`). */
import type { NewKey } from "@cairn/directory/keys/key-directory";
import { mintKey } from "@cairn/directory/keys/key-format";
import { hashKey } from "@cairn/directory/keys/key-hash";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { KeysHandle } from "./keys-conformance.ts";

export const pepper = { id: "pepper-1", bytes: Buffer.alloc(32, 7) };
export const day = 86_400_000;

export const newKey = (changes: Partial<NewKey> = {}): NewKey => {
  const { id, key } = mintKey();
  return {
    id,
    organisation: homeOrganisation,
    owner: null,
    role: "editor",
    space: null,
    label: "A key",
    scopes: ["memories:read", "memories:write"],
    instance: null,
    addresses: null,
    replaces: null,
    createdBy: "local",
    expiresAt: null,
    ...hashKey(pepper, key),
    ...changes,
  };
};

export const addOrganisation = async ({ database }: KeysHandle): Promise<string> => {
  const id = newId();
  const moments = { created_at: 0, updated_at: 0 };
  const row = { id, name: "Other", slug: id, plan: null, status: "active", default_space: newId(), ...moments };
  await database.write([], ({ tables }) => tables.insertInto("organisations").values(row).execute());
  return id;
};

/** Many at once, as they would be after many calls. */
export const fill = (handle: KeysHandle, organisation: string, count: number, changes: object = {}): Promise<unknown> =>
  handle.database.write([], async ({ tables }) => {
    for (let from = 0; from < count; from += 250) {
      const rows = Array.from({ length: Math.min(250, count - from) }, (_, at) => ({
        id: mintKey().id,
        organisation,
        owner: null,
        role: "viewer",
        space: null,
        label: `Key ${from + at}`,
        scopes: "memories:read",
        instance: null,
        addresses: null,
        pepper: "pepper-1",
        hash: "00",
        replaces: null,
        created_at: from + at,
        created_by: "local",
        expires_at: null,
        revoked_at: null,
        last_used_at: null,
        last_used_from: null,
        ...changes,
      }));
      await tables.insertInto("keys").values(rows).execute();
    }
  });

export const countRows = ({ database }: KeysHandle, organisation: string): Promise<number> =>
  database.read(async ({ tables }) => {
    const rows = await tables.selectFrom("keys").select("id").where("organisation", "=", organisation).execute();
    return rows.length;
  });
