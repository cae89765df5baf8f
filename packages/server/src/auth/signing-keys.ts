/**
 * The keys that sign tokens of ours (TEN-3), shared by all servers through the directory. They make themselves: the first
 * when the first token is asked for, each next one before the turn of the one before ends. Of several servers that make
 * one at the same time, one does (`generation`), and the others take that.
 *
 * A private key leaves the directory sealed under the server's secret and is opened here only. One that is sealed under
 * an older secret is sealed anew; where no key can be opened, because the secret that was needed is gone, a new one is
 * made. Tokens are checked with public keys, so nothing that was issued is lost by that.
 */
import type { CryptoKey, JWK } from "jose";
import type { SigningAlgorithm } from "@cairn/directory/tokens/algorithms";
import type { NewSigningKey, SigningKey, SigningKeyDirectory } from "@cairn/directory/tokens/token-directory";
import type { Clock, Millis } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { isUuid, newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Secrets } from "./secrets.ts";
import { seal, unseal } from "./signing-keys-seal.ts";
import { isPublished, leadMs, nextTurnOf, signersOf, spentOf } from "./signing-keys-turn.ts";

export interface KeyToUse {
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: CryptoKey;
}

export interface SigningKeys {
  /** The private key whose turn it is; made where there is none. Throws storage.*. */
  readonly signer: () => Promise<KeyToUse>;
  /** The public key of that id; null where it is not, or no longer, published. */
  readonly find: (id: string) => Promise<KeyToUse | null>;
  /** What is published (RFC 7517), the newest first. */
  readonly published: () => Promise<readonly JWK[]>;
  /** Makes a new key; `revoke`: which signs at once, and those before are gone. */
  readonly rotate: (revoke: boolean, note?: AuditEntry) => Promise<Pick<SigningKey, "id" | "signsFrom">>;
}

export interface SigningKeysOptions {
  readonly directory: SigningKeyDirectory;
  /** Asked with each token, so whoever gives it remembers it. */
  readonly secrets: () => Promise<Secrets>;
  readonly clock: Clock;
  /** Of keys that are made. */
  readonly algorithm?: SigningAlgorithm;
  readonly warn?: (line: string) => void;
}

/** How often an unknown id may have the directory asked anew: word of a new key comes by itself, a little later. */
const askAgainMs = 1_000;
const attempts = 5;
const mostKept = 50;

/** Remembers what was made of a key; there are a few keys at a time. */
const keptById = <Value>() => {
  const kept = new Map<string, Value>();
  return {
    get: (id: string) => kept.get(id),
    keep: (id: string, value: Value): Value => {
      if (kept.size >= mostKept) kept.clear();
      kept.set(id, value);
      return value;
    },
  };
};

export const makeSigningKeys = ({
  directory,
  secrets,
  clock,
  algorithm = "EdDSA",
  warn = () => undefined,
}: SigningKeysOptions): SigningKeys => {
  const privates = keptById<KeyToUse>();
  const publics = keptById<KeyToUse>();
  let askedAt = Number.NEGATIVE_INFINITY;

  const use = async ({ id, algorithm: its }: SigningKey, jwk: string): Promise<KeyToUse> => {
    const { importJWK } = await import("jose");
    return { id, algorithm: its, key: (await importJWK(JSON.parse(jwk) as JWK, its)) as CryptoKey };
  };

  const draft = async (generation: number, signsFrom: Millis): Promise<NewSigningKey> => {
    const { exportJWK, generateKeyPair } = await import("jose");
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const { current } = await secrets();
    const id = newId();
    return {
      id,
      generation,
      algorithm,
      publicKey: JSON.stringify(await exportJWK(publicKey)),
      sealed: seal(current, id, JSON.stringify(await exportJWK(privateKey))),
      secret: current.id,
      signsFrom,
    };
  };

  /** False: another server was faster. */
  const makeNext = async (keys: readonly SigningKey[], signsFrom: Millis): Promise<boolean> =>
    directory.add(await draft((keys[0]?.generation ?? 0) + 1, signsFrom), spentOf(keys, clock()));

  /** Null where it was sealed under a secret that this server does not have. */
  const plainOf = async ({ id, sealed, secret }: SigningKey): Promise<string | null> => {
    const found = (await secrets()).find(secret);
    return found === null ? null : unseal(found, id, sealed);
  };

  /** Also keys whose turn is still to come: the older secret will be taken away. */
  const sealAnew = async (keys: readonly SigningKey[]): Promise<void> => {
    const { current } = await secrets();
    for (const key of keys) {
      if (key.secret === current.id) continue;
      const plain = await plainOf(key);
      if (plain === null) continue;
      await directory.reseal(key.id, key.secret, { sealed: seal(current, key.id, plain), secret: current.id });
    }
  };

  const openFirst = async (keys: readonly SigningKey[]): Promise<KeyToUse | null> => {
    for (const key of keys) {
      const known = privates.get(key.id);
      if (known !== undefined) return known;
      const plain = await plainOf(key);
      if (plain !== null) return privates.keep(key.id, await use(key, plain));
    }
    return null;
  };

  /** What would be good to have but can wait: a directory that cannot be written now still has keys that sign. */
  const tend = async (keys: readonly SigningKey[]): Promise<void> => {
    try {
      await sealAnew(keys);
      const next = nextTurnOf(keys, clock());
      if (next !== null) await makeNext(keys, next);
    } catch {
      warn("The signing keys of tokens could not be brought up to date; trying again with the next token.");
    }
  };

  const all = async (anew: boolean): Promise<readonly SigningKey[]> => (anew ? directory.allNow() : directory.all());

  const signer = async (): Promise<KeyToUse> => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const keys = await all(attempt > 0);
      const now = clock();
      const found = await openFirst(signersOf(keys, now));
      if (found !== null) {
        await tend(keys);
        return found;
      }
      if (keys.length > 0) warn("No signing key can be opened with the secret of this server; making a new one.");
      await makeNext(keys, now);
    }
    throw new CairnError("storage.busy", "No signing key could be made; try again.", { retryAfterMs: 1_000 });
  };

  const publishedOf = (keys: readonly SigningKey[]): readonly SigningKey[] =>
    keys.filter((key) => isPublished(key, keys, clock()));

  const findIn = (keys: readonly SigningKey[], id: string): SigningKey | undefined =>
    publishedOf(keys).find((one) => one.id === id);

  return {
    signer,
    find: async (id) => {
      if (!isUuid(id)) return null;
      let key = findIn(await all(false), id);
      const now = clock();
      if (key === undefined && Math.abs(now - askedAt) >= askAgainMs) {
        askedAt = now;
        key = findIn(await all(true), id);
      }
      if (key === undefined) return null;
      return publics.get(id) ?? publics.keep(id, await use(key, key.publicKey));
    },
    published: async () =>
      publishedOf(await all(false)).map(({ id, algorithm: alg, publicKey }) => ({
        ...(JSON.parse(publicKey) as JWK),
        kid: id,
        alg,
        use: "sig",
      })),
    rotate: async (revoke, note) => {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const keys = await all(true);
        const now = clock();
        const next = await draft((keys[0]?.generation ?? 0) + 1, revoke || keys.length === 0 ? now : now + leadMs);
        const without = revoke ? keys.map(({ generation }) => generation) : spentOf(keys, now);
        if (await directory.add(next, without, note)) return { id: next.id, signsFrom: next.signsFrom };
      }
      throw new CairnError("storage.busy", "Other servers make signing keys; try again.", { retryAfterMs: 1_000 });
    },
  };
};
