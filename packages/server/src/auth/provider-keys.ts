/**
 * Keys of customers' identity providers, read from where they publish them and kept for a while (TEN-3). What strangers
 * send decides neither how often a provider is asked nor how much is kept: one question at a time for each provider, one
 * in half a minute at most, also where a token names a key that nobody knows. Where a provider does not answer, its last
 * keys stand for a day; the log hears of it once.
 */
import type { ProviderAlgorithm } from "@cairn/directory/tokens/algorithms";
import type { IdentityProvider } from "@cairn/directory/tokens/token-directory";
import type { Clock, Millis } from "@cairn/kernel/clock";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import type { CryptoKey } from "jose";
import { candidatesIn, importFor, type PublishedKey, readKeySet } from "./provider-keys-set.ts";
import type { SafeFetch } from "./safe-fetch.ts";

export interface ProviderKeys {
  /** Keys that may have made a signature; none is common. Throws provider.unavailable where there is no set to look in. */
  readonly candidates: (
    provider: Pick<IdentityProvider, "id" | "jwksUri">,
    kid: string | null,
    algorithm: ProviderAlgorithm,
  ) => Promise<readonly CryptoKey[]>;
}

export interface ProviderKeysOptions {
  readonly fetch: SafeFetch;
  readonly clock: Clock;
  readonly warn?: (line: string) => void;
}

/** After that a set is read again before it is used. */
const freshMs = 10 * 60_000;
/** Between two questions to one provider. */
const cooldownMs = 30_000;
/** How long a set stands for a provider that does not answer. */
const staleMs = 24 * 60 * 60_000;
const mostProviders = 1_000;

interface Kept {
  readonly id: string;
  readonly uri: string;
  keys: readonly PublishedKey[] | null;
  readAt: Millis;
  triedAt: Millis;
  failing: boolean;
  loading: Promise<void> | null;
}

export const makeProviderKeys = ({ fetch, clock, warn = () => undefined }: ProviderKeysOptions): ProviderKeys => {
  const byProvider = new Map<string, Kept>();

  const keptOf = ({ id, jwksUri }: Pick<IdentityProvider, "id" | "jwksUri">): Kept => {
    const known = byProvider.get(id);
    byProvider.delete(id);
    const never = Number.NEGATIVE_INFINITY;
    const kept: Kept =
      known?.uri === jwksUri
        ? known
        : { id, uri: jwksUri, keys: null, readAt: never, triedAt: never, failing: false, loading: null };
    byProvider.set(id, kept);
    const [oldest] = byProvider.keys();
    if (byProvider.size > mostProviders && oldest !== undefined) byProvider.delete(oldest);
    return kept;
  };

  const load = async (kept: Kept): Promise<void> => {
    kept.triedAt = clock();
    try {
      kept.keys = readKeySet(await fetch(kept.uri));
      kept.readAt = clock();
      kept.failing = false;
    } catch (error) {
      const why = isCairnError(error) ? error.message : "Reading them failed.";
      if (!kept.failing) warn(`The keys of the identity provider ${kept.id} are not there: ${why}`);
      kept.failing = true;
    }
  };

  const loadOnce = async (kept: Kept): Promise<void> => {
    if (kept.loading === null && clock() - kept.triedAt < cooldownMs) return;
    kept.loading ??= load(kept).finally(() => {
      kept.loading = null;
    });
    await kept.loading;
  };

  const keysOf = (kept: Kept): readonly PublishedKey[] => {
    const age = clock() - kept.readAt;
    if (kept.keys !== null && age < staleMs) return kept.keys;
    throw new CairnError("provider.unavailable", "The keys of your identity provider cannot be read now.", {
      retryAfterMs: Math.max(1_000, cooldownMs - (clock() - kept.triedAt)),
    });
  };

  return {
    candidates: async (provider, kid, algorithm) => {
      const kept = keptOf(provider);
      if (kept.keys === null || clock() - kept.readAt >= freshMs) await loadOnce(kept);
      let found = candidatesIn(keysOf(kept), kid, algorithm);
      if (found.length === 0) {
        await loadOnce(kept);
        found = candidatesIn(keysOf(kept), kid, algorithm);
      }
      const imported = await Promise.all(found.map((key) => importFor(key, algorithm)));
      return imported.filter((key) => key !== null);
    },
  };
};
