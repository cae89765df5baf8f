/** Signing keys over any database that Kysely speaks. */
import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase, Work } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import type { SigningKeysTable } from "../tables/tokens.ts";
import { signingAlgorithms } from "./algorithms.ts";
import type { SigningKey, SigningKeyDirectory } from "./token-directory.ts";

const purpose = "tokens";
const topic = `signing_keys ${purpose}`;

/** By name and never `*`: see `schema-steps.ts`. */
const columns = [
  "id",
  "purpose",
  "generation",
  "algorithm",
  "public_key",
  "sealed",
  "secret",
  "signs_from",
  "created_at",
] as const;

/** Nothing where the key is of an algorithm of a later version: this one cannot use it. */
const toKey = (row: SigningKeysTable): readonly SigningKey[] => {
  const algorithm = signingAlgorithms.find((one) => one === row.algorithm);
  if (algorithm === undefined) return [];
  return [
    Object.freeze({
      id: row.id,
      generation: row.generation,
      algorithm,
      publicKey: row.public_key,
      sealed: row.sealed,
      secret: row.secret,
      signsFrom: row.signs_from,
      createdAt: row.created_at,
    }),
  ];
};

const all: Work<readonly SigningKey[]> = async ({ tables }) => {
  const rows = await tables
    .selectFrom("signing_keys")
    .select(columns)
    .where("purpose", "=", purpose)
    .orderBy("generation", "desc")
    .execute();
  return rows.flatMap(toKey);
};

/** All of one purpose, the newest first: a few at most. */
export const signingKeysOver = (database: DirectoryDatabase, clock: Clock): SigningKeyDirectory => ({
  all: async () =>
    (await database.remember(topic, async (access) => ({ value: await all(access), topics: [topic] }))) ?? [],
  allNow: () => database.read(all),
  add: ({ id, generation, algorithm, publicKey, sealed, secret, signsFrom }, without, note) =>
    database.write([topic], async (access) => {
      const { tables } = access;
      const later = await tables
        .selectFrom("signing_keys")
        .select("id")
        .where("purpose", "=", purpose)
        .where("generation", ">=", generation)
        .executeTakeFirst();
      if (later !== undefined) return false;
      // Where another server is about to add it, this waits for that one's end.
      const added = await tables
        .insertInto("signing_keys")
        .values({
          id,
          purpose,
          generation,
          algorithm,
          public_key: publicKey,
          sealed,
          secret,
          signs_from: signsFrom,
          created_at: clock(),
        })
        .onConflict((conflict) => conflict.columns(["purpose", "generation"]).doNothing())
        .returning("id")
        .executeTakeFirst();
      if (added === undefined) return false;
      const drop = async (): Promise<boolean> => {
        if (without.length === 0) return true;
        await tables
          .deleteFrom("signing_keys")
          .where("purpose", "=", purpose)
          .where("generation", "in", [...without])
          .execute();
        return true;
      };
      return noted(access, note, drop, [id]);
    }),
  reseal: async (id, before, { sealed, secret }) => {
    await database.write([topic], ({ tables }) =>
      tables
        .updateTable("signing_keys")
        .set({ sealed, secret })
        .where("id", "=", id)
        .where("secret", "=", before)
        .execute(),
    );
  },
});
