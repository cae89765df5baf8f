/**
 * What recognises a key: HMAC-SHA256 (RFC 2104) of the whole key under a pepper that lies outside the database. Whoever
 * reads the database alone can neither use a key nor try one out. Why no slow hash: docs/adr/0016-keys.md.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { KeyProof } from "./key-directory.ts";

export interface Pepper {
  /** Names it without telling anything of it; kept beside each hash. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface Peppers {
  /** New keys are hashed under it. */
  readonly current: Pepper;
  /** Null: it is gone, and with it every key that was hashed under it. */
  readonly find: (id: string) => Pepper | null;
}

interface PurposeSecret {
  readonly id: string;
  readonly derive: (purpose: string) => Uint8Array;
}

const purpose = "key pepper";

/** Peppers of a server's secrets, the current one and those that are still known; each is derived once. */
export const peppersOf = (secrets: {
  readonly current: PurposeSecret;
  readonly find: (id: string) => PurposeSecret | null;
}): Peppers => {
  const known = new Map<string, Pepper>();
  const pepperOf = (secret: PurposeSecret): Pepper => {
    const pepper = known.get(secret.id) ?? { id: secret.id, bytes: secret.derive(purpose) };
    known.set(secret.id, pepper);
    return pepper;
  };
  return {
    current: pepperOf(secrets.current),
    find: (id) => {
      const secret = secrets.find(id);
      return secret === null ? null : pepperOf(secret);
    },
  };
};

const digest = (pepper: Pepper, key: string): Buffer => createHmac("sha256", pepper.bytes).update(key).digest();

/** What is kept of a key. */
export const hashKey = (pepper: Pepper, key: string): Pick<KeyProof, "pepper" | "hash"> => ({
  pepper: pepper.id,
  hash: digest(pepper, key).toString("hex"),
});

/** Whether the hash is this key's; takes as long whichever byte differs. */
export const isHashOf = (pepper: Pepper, key: string, hash: string): boolean => {
  const [own, kept] = [digest(pepper, key), Buffer.from(hash, "hex")];
  return kept.length === own.length && timingSafeEqual(kept, own);
};
