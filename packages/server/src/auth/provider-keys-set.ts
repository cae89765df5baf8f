/**
 * The keys that a provider publishes (RFC 7517), as far as they can check a signature: which of them may have made one
 * is decided by their own type and by what they say of themselves, never by the token alone.
 */
import type { CryptoKey, JWK } from "jose";
import type { ProviderAlgorithm } from "@cairn/directory/tokens/algorithms";
import { unreadable } from "./safe-fetch.ts";

export interface PublishedKey {
  readonly jwk: JWK;
  /** Imported for an algorithm, when it was first needed. */
  readonly imported: Map<ProviderAlgorithm, CryptoKey>;
}

const mostKeys = 100;
/** A signature is tried with a few keys at most, where a provider gives several the same id. */
const mostTried = 4;

const shapes: Readonly<Record<ProviderAlgorithm, readonly [kty: string, crv?: string]>> = {
  RS256: ["RSA"],
  RS384: ["RSA"],
  RS512: ["RSA"],
  PS256: ["RSA"],
  PS384: ["RSA"],
  PS512: ["RSA"],
  ES256: ["EC", "P-256"],
  ES384: ["EC", "P-384"],
  ES512: ["EC", "P-521"],
  EdDSA: ["OKP", "Ed25519"],
  Ed25519: ["OKP", "Ed25519"],
};

/** Two names of one algorithm (RFC 9864). */
const sameAlgorithm = (one: unknown, other: ProviderAlgorithm): boolean => {
  const edwards = ["EdDSA", "Ed25519"];
  return one === other || (edwards.includes(other) && edwards.includes(String(one)));
};

const fits = (jwk: JWK, algorithm: ProviderAlgorithm): boolean => {
  const [kty, crv] = shapes[algorithm];
  if (jwk.kty !== kty || (crv !== undefined && jwk.crv !== crv)) return false;
  if (jwk.alg !== undefined && !sameAlgorithm(jwk.alg, algorithm)) return false;
  if (jwk.use !== undefined && jwk.use !== "sig") return false;
  return jwk.key_ops === undefined || (Array.isArray(jwk.key_ops) && jwk.key_ops.includes("verify"));
};

const isKey = (value: unknown): value is JWK =>
  typeof value === "object" && value !== null && "kty" in value && typeof value.kty === "string";

/** Throws provider.unavailable where the document is no set of keys. */
export const readKeySet = (document: string): readonly PublishedKey[] => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw unreadable("its answer is not JSON");
  }
  const keys: unknown = typeof parsed === "object" && parsed !== null && "keys" in parsed ? parsed.keys : undefined;
  if (!Array.isArray(keys) || keys.length > mostKeys) throw unreadable("its answer is not a set of keys");
  // Public parts only: what else a provider gives away by mistake is not kept.
  return keys.filter(isKey).map(({ kty, crv, x, y, n, e, kid, alg, use, key_ops }) => {
    const parts = Object.entries({ kty, crv, x, y, n, e, kid, alg, use, key_ops });
    return { jwk: Object.fromEntries(parts.filter(([, part]) => part !== undefined)), imported: new Map() };
  });
};

/** Keys that may have made a signature. `kid`: null where the token names none; then only one key may come into question. */
export const candidatesIn = (
  keys: readonly PublishedKey[],
  kid: string | null,
  algorithm: ProviderAlgorithm,
): readonly PublishedKey[] => {
  const fitting = keys.filter(({ jwk }) => fits(jwk, algorithm));
  if (kid === null) return fitting.length === 1 ? fitting : [];
  return fitting.filter(({ jwk }) => jwk.kid === kid).slice(0, mostTried);
};

/** Null where the key is not what it says. */
export const importFor = async (
  { jwk, imported }: PublishedKey,
  algorithm: ProviderAlgorithm,
): Promise<CryptoKey | null> => {
  const known = imported.get(algorithm);
  if (known !== undefined) return known;
  const { importJWK } = await import("jose");
  try {
    // What the key says of its use was judged already; one of these names is not known to every runtime.
    const key = (await importJWK({ ...jwk, alg: algorithm }, algorithm)) as CryptoKey;
    imported.set(algorithm, key);
    return key;
  } catch {
    return null;
  }
};
