/** The queries about keys, in SQL that SQLite and PostgreSQL read alike. */
import { CairnError } from "@cairn/kernel/error";
import type { Millis } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { directorySchema } from "@cairn/store-postgres/connection/roles";
import type { Access } from "../database/directory-database.ts";
import { type KeyChange, keyLimits, type KeyProof, type KeyRecord, type KeyUse, type NewKey } from "./key-directory.ts";
import { unknownKey } from "./key-errors.ts";
import { addressesText, toRecord, toRow } from "./key-record.ts";

/** By name and never `*`: see `schema-steps.ts`. */
const columns = [
  "id",
  "organisation",
  "owner",
  "role",
  "space",
  "label",
  "scopes",
  "instance",
  "addresses",
  "replaces",
  "created_at",
  "created_by",
  "expires_at",
  "revoked_at",
  "last_used_at",
] as const;

export const findProof = async ({ tables }: Access, id: string): Promise<KeyProof | null> => {
  const row = await tables
    .selectFrom("keys")
    .select([...columns, "pepper", "hash"])
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : Object.freeze({ record: toRecord(row), pepper: row.pepper, hash: row.hash });
};

export const lookUpKey = async ({ tables }: Access, organisation: string, id: string): Promise<KeyRecord | null> => {
  const row = await tables
    .selectFrom("keys")
    .select(columns)
    .where("id", "=", id)
    .where("organisation", "=", organisation)
    .executeTakeFirst();
  return row === undefined ? null : toRecord(row);
};

const ownersLock = async ({ tables, words }: Access, organisation: string): Promise<void> => {
  const asked = tables.selectFrom("organisations").select("id").where("id", "=", organisation);
  // Of two who count at once, one waits for the other; SQLite has one writer anyway.
  const row = await (words.database === "postgres" ? asked.forUpdate() : asked).executeTakeFirst();
  if (row === undefined) throw new CairnError("organisation.not_found", "There is no such organisation.");
};

const countWorking = async ({ tables }: Access, organisation: string, now: Millis): Promise<number> => {
  const { count } = await tables
    .selectFrom("keys")
    .select((is) => is.fn.countAll<number | string | bigint>().as("count"))
    .where("organisation", "=", organisation)
    .where("revoked_at", "is", null)
    .where((is) => is.or([is("expires_at", "is", null), is("expires_at", ">", now)]))
    .executeTakeFirstOrThrow();
  return Number(count);
};

/**
 * What is not listed any more, and what is beyond the number that is kept. Keys of administrators of the server stay:
 * where nobody else administers it, that there was one is why calls need a credential (`server/src/auth/sign-in-state.ts`).
 */
const deleteEnded = async ({ tables }: Access, organisation: string, now: Millis): Promise<void> => {
  const past = now - keyLimits.listedMs;
  const kept = organisation === homeOrganisation ? "admin" : "";
  await tables
    .deleteFrom("keys")
    .where("organisation", "=", organisation)
    .where((is) => is.or([is("role", "is", null), is("role", "<>", kept)]))
    .where((is) => is.or([is("revoked_at", "<=", past), is("expires_at", "<=", past)]))
    .execute();
  const beyond = tables
    .selectFrom("keys")
    .select("id")
    .where("organisation", "=", organisation)
    .where((is) => is.or([is("role", "is", null), is("role", "<>", kept)]))
    .where((is) => is.or([is("revoked_at", "is not", null), is("expires_at", "<=", now)]))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(keyLimits.mostKeys)
    .offset(keyLimits.mostEnded);
  await tables.deleteFrom("keys").where("id", "in", beyond).execute();
};

/** In a transaction. Throws organisation.not_found, limit.exceeded. */
export const insertKey = async (access: Access, key: NewKey, now: Millis, most: number): Promise<KeyRecord> => {
  await ownersLock(access, key.organisation);
  await deleteEnded(access, key.organisation, now);
  if ((await countWorking(access, key.organisation, now)) >= most) {
    throw new CairnError("limit.exceeded", `An organisation has at most ${most} keys that work.`, {
      hint: "Revoke keys that nobody uses; GET /v1/auth/keys says when each was last used.",
    });
  }
  const row = toRow(key, now);
  await access.tables.insertInto("keys").values(row).execute();
  return toRecord(row);
};

export interface KeyPage {
  readonly owner?: string;
  readonly space?: string;
  readonly before?: string | null;
  readonly limit: number;
}

export const listKeys = async (
  access: Access,
  organisation: string,
  { owner, space, before = null, limit }: KeyPage,
  now: Millis,
): Promise<readonly KeyRecord[]> => {
  const past = now - keyLimits.listedMs;
  const all = access.tables
    .selectFrom("keys")
    .select(columns)
    .where("organisation", "=", organisation)
    .where((is) => is.or([is("revoked_at", "is", null), is("revoked_at", ">", past)]))
    .where((is) => is.or([is("expires_at", "is", null), is("expires_at", ">", past)]))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit);
  const ofOwner = owner === undefined ? all : all.where("owner", "=", owner);
  const ofSpace = space === undefined ? ofOwner : ofOwner.where("space", "=", space);
  if (before === null) return (await ofSpace.execute()).map(toRecord);
  const last = await lookUpKey(access, organisation, before);
  if (last === null) throw new CairnError("request.invalid", "There is no such key to go on from.");
  const { createdAt } = last;
  const earlier = ofSpace.where((is) =>
    is.or([is("created_at", "<", createdAt), is.and([is("created_at", "=", createdAt), is("id", "<", before)])]),
  );
  return (await earlier.execute()).map(toRecord);
};

type Columns = Partial<Pick<ReturnType<typeof toRow>, "label" | "addresses" | "expires_at" | "revoked_at">>;

const change = async (
  { tables }: Access,
  organisation: string,
  id: string,
  to: Columns,
  works: Millis | null,
): Promise<KeyRecord> => {
  const one = tables
    .updateTable("keys")
    .set(to)
    .where("id", "=", id)
    .where("organisation", "=", organisation)
    .returning(columns);
  const meant =
    works === null
      ? one
      : one
          .where("revoked_at", "is", null)
          .where((is) => is.or([is("expires_at", "is", null), is("expires_at", ">", works)]));
  const row = await meant.executeTakeFirst();
  if (row === undefined) throw unknownKey();
  return toRecord(row);
};

/** Throws key.not_found where it does not work any more. */
export const updateKey = async (
  access: Access,
  organisation: string,
  id: string,
  { label, addresses, expiresAt }: KeyChange,
  now: Millis,
): Promise<KeyRecord> => {
  const to: Columns = {
    ...(label === undefined ? {} : { label }),
    ...(addresses === undefined ? {} : { addresses: addressesText(addresses) }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
  if (Object.keys(to).length > 0) return change(access, organisation, id, to, now);
  const found = await lookUpKey(access, organisation, id);
  if (found === null) throw unknownKey();
  return found;
};

/** Ends a key that works: at `until`, or at once where that is now. */
export const endKey = async (
  access: Access,
  organisation: string,
  id: string,
  until: Millis,
  now: Millis,
): Promise<void> => {
  const found = await lookUpKey(access, organisation, id);
  const expiresAt = Math.min(found?.expiresAt ?? until, until);
  // The clock of another server may be behind: what must end now is revoked.
  const to = until <= now ? { revoked_at: now } : { expires_at: expiresAt };
  await change(access, organisation, id, to, now);
};

/**
 * A key without an owner is a principal of its own: what it was granted, or kept from, holds for the one in its place too.
 * The old one keeps its own as long as it works. Ids of the spaces.
 */
export const passGrants = async (
  { tables }: Access,
  organisation: string,
  from: string,
  to: string,
  now: Millis,
): Promise<readonly string[]> => {
  const rows = await tables
    .selectFrom("grants")
    .select(["space", "actions", "created_by"])
    .where("organisation", "=", organisation)
    .where("principal", "=", `key:${from}`)
    .execute();
  if (rows.length === 0) return [];
  const passed = { organisation, principal: `key:${to}`, created_at: now };
  await tables
    .insertInto("grants")
    .values(rows.map((row) => ({ id: newId(), ...passed, ...row })))
    .execute();
  return rows.map(({ space }) => space);
};

/** Again: the moment of the first time stays. */
export const revokeKey = async (access: Access, organisation: string, id: string, now: Millis): Promise<KeyRecord> => {
  const found = await lookUpKey(access, organisation, id);
  if (found === null) throw unknownKey();
  return found.revokedAt === null ? change(access, organisation, id, { revoked_at: now }, null) : found;
};

export const countByPepper = async ({ tables }: Access, now: Millis): Promise<ReadonlyMap<string, number>> => {
  const rows = await tables
    .selectFrom("keys")
    .select((is) => ["pepper", is.fn.countAll().as("count")])
    .where("revoked_at", "is", null)
    .where((is) => is.or([is("expires_at", "is", null), is("expires_at", ">", now)]))
    .groupBy("pepper")
    .orderBy("pepper")
    .execute();
  return new Map(rows.map(({ pepper, count }) => [pepper, Number(count)]));
};

type Hashed = Pick<KeyProof, "pepper" | "hash">;

export const replaceHash = async ({ tables }: Access, id: string, before: Hashed, after: Hashed): Promise<void> => {
  await tables
    .updateTable("keys")
    .set({ pepper: after.pepper, hash: after.hash })
    .where("id", "=", id)
    .where("pepper", "=", before.pepper)
    .where("hash", "=", before.hash)
    .execute();
};

/** One statement for all. Both databases call the columns of `values` column1, column2, column3. */
export const writeUses = async ({ tables, sql, words }: Access, uses: readonly KeyUse[]): Promise<void> => {
  const rows = sql.join(
    uses.map(({ id, at, from }) => sql`(cast(${id} as text), cast(${at} as bigint), cast(${from} as text))`),
  );
  // In one order, so that two servers never wait for each other.
  const locked = words.database === "postgres" ? sql`for update of known` : sql``;
  // Kysely puts the schema into its own statements only.
  const keys = words.database === "postgres" ? sql.id(directorySchema, "keys") : sql.id("keys");
  await sql`
    update ${keys} as one set last_used_at = latest.used_at, last_used_from = latest.used_from
    from (
      select known.id, used.column2 as used_at, used.column3 as used_from
      from (values ${rows}) as used join ${keys} as known on known.id = used.column1
      order by known.id ${locked}
    ) as latest
    where one.id = latest.id and (one.last_used_at is null or one.last_used_at < latest.used_at)
  `.execute(tables);
};
