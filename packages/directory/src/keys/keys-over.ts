/**
 * The directory of keys over any database that Kysely speaks. A key that is checked is remembered until it changes; its
 * last use, which changes all the time, tells nobody anything and is not part of what is remembered.
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import { topics } from "../organisations/organisation-access.ts";
import { type KeyDirectory, keyLimits, keyTopic, newKeyTopic } from "./key-directory.ts";
import { isKeyId } from "./key-format.ts";
import {
  countByPepper,
  endKey,
  findProof,
  insertKey,
  listKeys,
  lookUpKey,
  passGrants,
  replaceHash,
  revokeKey,
  updateKey,
  writeUses,
} from "./key-queries.ts";

const mostOnPage = 1_000;
/** Uses in one statement. */
const portion = 500;

const limitOf = (limit: number): number => {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostOnPage) return limit;
  throw new CairnError("request.invalid", `limit must be a whole number from 1 to ${mostOnPage}.`);
};

export const keysOver = (database: DirectoryDatabase, clock: Clock): KeyDirectory => ({
  find: async (id) => {
    if (!isKeyId(id)) return null;
    return database.remember(`key ${id}`, async (access) => {
      const value = await findProof(access, id);
      return value === null ? null : { value, topics: [keyTopic(id)] };
    });
  },
  lookUp: async (organisation, id) =>
    isKeyId(id) ? database.read((access) => lookUpKey(access, organisation, id)) : null,
  create: (key, note) =>
    database.write([keyTopic(key.id), newKeyTopic(key.organisation)], (access) =>
      noted(access, note, () => insertKey(access, key, clock(), keyLimits.mostKeys), [key.id]),
    ),
  list: async (organisation, only) => {
    const page = { ...only, limit: limitOf(only.limit) };
    return database.read((access) => listKeys(access, organisation, page, clock()));
  },
  update: (organisation, id, change, note) =>
    database.write([keyTopic(id)], (access) =>
      noted(access, note, () => updateKey(access, organisation, id, change, clock()), [id]),
    ),
  rotate: (organisation, id, next, graceUntil, note) => {
    const forgotten = [keyTopic(id), keyTopic(next.id), newKeyTopic(organisation)];
    return database.write(forgotten, (access) =>
      noted(
        access,
        note,
        async () => {
          const now = clock();
          await endKey(access, organisation, id, graceUntil, now);
          const made = await insertKey(access, { ...next, organisation, replaces: id }, now, 2 * keyLimits.mostKeys);
          const spaces = made.owner === null ? await passGrants(access, organisation, id, made.id, now) : [];
          forgotten.push(...spaces.map(topics.grants));
          return made;
        },
        [id, next.id],
      ),
    );
  },
  revoke: (organisation, id, note) =>
    database.write([keyTopic(id)], (access) =>
      noted(access, note, () => revokeKey(access, organisation, id, clock()), [id]),
    ),
  rehash: (id, before, after) => database.write([keyTopic(id)], (access) => replaceHash(access, id, before, after)),
  countByPepper: () => database.read((access) => countByPepper(access, clock())),
  noteUses: async (uses) => {
    for (let from = 0; from < uses.length; from += portion) {
      await database.change((access) => writeUses(access, uses.slice(from, from + portion)));
    }
  },
});
