/**
 * Reads API keys (TEN-2). In this order, so that what is cheap and asks nobody comes first: the form and its checksum,
 * the key's row by its id (remembered, and forgotten within a second of a change on any server), the keyed hash, and
 * only then what the key may. Nothing is told of a key before its secret was right.
 *
 * A key that was hashed under an older secret of the server is hashed anew under the current one when it is used, so
 * that a secret can be taken out of the settings once the keys in use have come by.
 */
import { makeAddressBlocks } from "@cairn/directory/keys/address-blocks";
import type { KeyDirectory, KeyProof, KeyRecord } from "@cairn/directory/keys/key-directory";
import { keyIdOf } from "@cairn/directory/keys/key-format";
import { hashKey, isHashOf, type Peppers } from "@cairn/directory/keys/key-hash";
import type { OrganisationDirectory } from "@cairn/directory/organisations/organisation-directory";
import { type Standing, standingOf, standingWithRole } from "@cairn/directory/standing";
import type { Clock } from "@cairn/kernel/clock";
import { isCairnError } from "@cairn/kernel/error";
import type { Identity } from "@cairn/memory/permission/identity";
import type { LogLevel } from "../observe/log.ts";
import type { CredentialReader, Shown } from "./credential-readers.ts";
import type { LastUses } from "./last-uses.ts";

type Organisations = Pick<OrganisationDirectory, "find" | "roleOf">;

export interface KeyReaderOptions {
  readonly keys: Pick<KeyDirectory, "find" | "rehash">;
  readonly organisations: Organisations;
  readonly peppers: Peppers;
  readonly clock: Clock;
  readonly uses: Pick<LastUses, "used">;
  /** Takes lines for people; a line names a key by its id. */
  readonly notice: (level: LogLevel, line: string) => void;
}

/** Between two lines, or two attempts to write, about the same key. */
const quietMs = 60_000;
const mostQuiet = 1_000;

/** Whether something about a key was not done a moment ago. */
const makeSeldom = (clock: Clock): ((id: string) => boolean) => {
  const last = new Map<string, number>();
  return (id) => {
    const now = clock();
    if (now < (last.get(id) ?? Number.NEGATIVE_INFINITY) + quietMs) return false;
    // Whoever makes up ids must not grow it without bound.
    if (last.size >= mostQuiet) last.clear();
    last.set(id, now);
    return true;
  };
};

/** Each list of blocks is read once: the same record comes again as long as it is remembered. */
const blocksByList = new WeakMap<readonly string[], (address: string) => boolean>();

const isFromThere = (blocks: readonly string[], address: string | null): boolean => {
  const holds = blocksByList.get(blocks) ?? makeAddressBlocks(blocks);
  blocksByList.set(blocks, holds);
  return address !== null && holds(address);
};

const works = ({ revokedAt, expiresAt, addresses }: KeyRecord, { address }: Shown, now: number): boolean =>
  revokedAt === null &&
  (expiresAt === null || expiresAt > now) &&
  (addresses === null || isFromThere(addresses, address));

/** A key acts in its own organisation; whoever names one must name that. */
const namesIts = async ({ find }: Organisations, { organisation }: KeyRecord, named: string | null): Promise<boolean> =>
  named === null || named === organisation || (await find(organisation))?.slug === named;

const standingOfKey = async (organisations: Organisations, key: KeyRecord): Promise<Standing | null> => {
  if (key.owner !== null) return standingOf(organisations, key.organisation, key.owner);
  return key.role === null ? null : standingWithRole(organisations, key.organisation, key.role);
};

const identityOf = (key: KeyRecord, standing: Standing): Identity => ({
  ...standing,
  principal: key.owner ?? `key:${key.id}`,
  credential: "key",
  scopes: key.scopes,
  space: key.space,
  key: key.id,
  instance: key.instance,
  ...(key.expiresAt === null ? {} : { until: key.expiresAt }),
});

export const makeKeyReader = (options: KeyReaderOptions): CredentialReader => {
  const { keys, organisations, peppers, clock, uses, notice } = options;
  const mayTell = makeSeldom(clock);
  const mayRehash = makeSeldom(clock);

  /** Null: it is not this key, or nobody can tell any more. */
  const recognised = async (id: string, key: string): Promise<KeyProof | null> => {
    const proof = await keys.find(id);
    if (proof === null) return null;
    const pepper = peppers.find(proof.pepper);
    if (pepper !== null) return isHashOf(pepper, key, proof.hash) ? proof : null;
    if (mayTell(id))
      notice("error", `The key ${id} cannot be checked: the secret that it was hashed with is not in the settings.`);
    return null;
  };

  const renewHash = async (key: string, { record: { id }, pepper, hash }: KeyProof): Promise<void> => {
    if (pepper === peppers.current.id || !mayRehash(id)) return;
    try {
      await keys.rehash(id, { pepper, hash }, hashKey(peppers.current, key));
    } catch (error) {
      // The key is good all the same.
      notice("warn", `The key ${id} could not be hashed anew (${isCairnError(error) ? error.code : "internal"}).`);
    }
  };

  return async (shown) => {
    const key = shown.bearer ?? "";
    const id = keyIdOf(key);
    const proof = id === null ? null : await recognised(id, key);
    if (proof === null) return null;
    const { record } = proof;
    if (!works(record, shown, clock()) || !(await namesIts(organisations, record, shown.organisation))) return null;
    const standing = await standingOfKey(organisations, record);
    if (standing === null) return null;
    await renewHash(key, proof);
    uses.used(record.id, shown.address);
    return identityOf(record, standing);
  };
};
