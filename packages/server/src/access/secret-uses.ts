/**
 * Which of the server's secrets are still needed, so that an operator knows when an older one can go: keys are hashed
 * under one until they are next used, signing keys sealed under one until a server seals them anew, second factors
 * encrypted under one for as long as they are set up. Sessions end with the secret that signed them.
 */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { Tenants } from "@cairn/directory/tenants";
import type { Secrets } from "../auth/secrets.ts";

export interface SecretUse {
  /** Names the secret without telling anything of it. */
  readonly id: string;
  readonly state: "current" | "older" | "missing";
  /** Keys that work, and that only this secret recognises. */
  readonly keys: number;
  readonly signingKeys: number;
  readonly secondFactors: number;
}

/** As better-auth writes down what it encrypts: `$ba$<version>$…`, the version our secret's id as a number. */
const envelope = /^\$ba\$(\d+)\$/u;
const idDigits = 12;

const secondFactors = async (database: DirectoryDatabase): Promise<ReadonlyMap<string, number>> => {
  const rows = await database.read(({ tables }) => tables.selectFrom("second_factors").select("secret").execute());
  const counts = new Map<string, number>();
  for (const { secret } of rows) {
    const version = envelope.exec(secret)?.[1];
    if (version === undefined) continue;
    const id = Number(version).toString(16).padStart(idDigits, "0");
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

const counted = (ids: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(ids, (id) => id)].map(([id, all]) => [id, all.length]));

/** The secrets of the settings first, the newest before the older ones; then those that are needed and not there. */
export const secretUses = async ({
  database,
  tenants,
  secrets,
}: {
  readonly database: DirectoryDatabase;
  readonly tenants: Pick<Tenants, "keys" | "tokens">;
  readonly secrets: Secrets;
}): Promise<readonly SecretUse[]> => {
  const [keys, sealed, factors] = [
    await tenants.keys.countByPepper(),
    counted((await tenants.tokens.signingKeys.allNow()).map(({ secret }) => secret)),
    await secondFactors(database),
  ];
  const known = secrets.all.map(({ id }) => id);
  const needed = new Set([...keys.keys(), ...sealed.keys(), ...factors.keys()]);
  const missing = [...needed].filter((id) => !known.includes(id)).toSorted();
  return [...known, ...missing].map((id, at) => ({
    id,
    state: at === 0 ? "current" : at < known.length ? "older" : "missing",
    keys: keys.get(id) ?? 0,
    signingKeys: sealed.get(id) ?? 0,
    secondFactors: factors.get(id) ?? 0,
  }));
};
