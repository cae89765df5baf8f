/**
 * Who makes a request. What it shows decides who is asked: a bearer that begins as our keys do, another bearer, or none,
 * where a cookie may tell. Whatever is wrong with what was shown, the answer is the same error with the same words after
 * the same time (`failure-floor.ts`): unknown, cut short, wrong checksum, wrong secret, revoked, expired, from a wrong
 * address, of another organisation. Where it could not be found out, the error of the storage is thrown: nobody passes.
 *
 * A credential that is good passes also from an address that guesses too much: behind one address may be a whole office,
 * and one program there with an old key must not shut out the rest. Guessing gains nothing by that, at 256 random bits;
 * so that it costs little too, few credentials are looked at at a time for such addresses.
 *
 * An old cookie is not an error but nobody: who has to sign in again must be able to see the page for it.
 */
import { keyPrefix } from "@cairn/directory/keys/key-format";
import { CairnError } from "@cairn/kernel/error";
import { anonymousIdentity, type Identity, localIdentity } from "@cairn/memory/permission/identity";
import type { CredentialReader, Shown } from "./credential-readers.ts";
import { type FailureFloor, makeFailureFloor } from "./failure-floor.ts";

/** Counts refusals by address. */
export interface FailureBounds {
  /**
   * In how many milliseconds the address may guess again; null: now. Asked with every credential that is shown, so it
   * must know from memory.
   */
  readonly blocked: (address: string) => Promise<number | null>;
  /** A credential from there was refused. */
  readonly failed: (address: string) => Promise<void>;
}

export interface AuthenticatorOptions {
  readonly readers: {
    readonly key: CredentialReader;
    readonly token: CredentialReader;
    readonly session: CredentialReader;
  };
  /** Whether calls need a credential. Where they do not, nothing that is shown is looked at. */
  readonly requires: () => boolean | Promise<boolean>;
  readonly failures: FailureBounds;
  readonly floor?: FailureFloor;
  /** Credentials that are looked at at a time for addresses that guess too much. */
  readonly mostForBlocked?: number;
}

export interface Authenticator {
  /** Throws auth.invalid, limit.rate_exceeded, organisation.suspended, storage.*. */
  readonly identify: (shown: Shown) => Promise<Identity>;
}

/** Longer than any credential, and than a customer's own tokens usually are. */
const longestBearer = 16_384;

/** What follows `Bearer ` (RFC 6750 §2.1); null where the header is of another kind. */
export const bearerOf = (authorization: string | null | undefined): string | null => {
  if (authorization === null || authorization === undefined || authorization.length > longestBearer) return null;
  return /^bearer +([\w.~+/=-]+) *$/iu.exec(authorization)?.[1] ?? null;
};

const refused = (): CairnError =>
  new CairnError("auth.invalid", "This key, token or sign-in is not good here, or not any more.", {
    hint: "Check that it is whole and that it has not been revoked; make a new key with `cairn admin key create`.",
  });

const tooMany = (retryAfterMs: number): CairnError =>
  new CairnError("limit.rate_exceeded", "Too many keys or tokens from this address were not good.", { retryAfterMs });

export const makeAuthenticator = ({
  readers,
  requires,
  failures,
  floor = makeFailureFloor(),
  mostForBlocked = 8,
}: AuthenticatorOptions): Authenticator => {
  let underBlock = 0;

  const read = (shown: Shown, bearer: string): Promise<Identity | null> =>
    (bearer.startsWith(keyPrefix) ? readers.key : readers.token)(shown);

  const readBearer = async (shown: Shown, isBlocked: boolean): Promise<Identity | null> => {
    if (shown.bearer === null) return null;
    if (!isBlocked) return read(shown, shown.bearer);
    if (underBlock >= mostForBlocked) return null;
    underBlock += 1;
    try {
      return await read(shown, shown.bearer);
    } finally {
      underBlock -= 1;
    }
  };

  const refuse = async ({ address }: Shown, blockedFor: number | null, since: number): Promise<never> => {
    // That it could not be counted changes nothing for who guesses.
    if (address !== null) await failures.failed(address).catch(() => undefined);
    await floor.over(since);
    throw blockedFor === null ? refused() : tooMany(blockedFor);
  };

  return {
    identify: async (shown) => {
      const since = floor.now();
      if (!(await requires())) return localIdentity("loopback");
      if (!shown.headers.has("authorization") && shown.bearer === null) {
        return (await readers.session(shown)) ?? anonymousIdentity;
      }
      const blockedFor = shown.address === null ? null : await failures.blocked(shown.address);
      return (await readBearer(shown, blockedFor !== null)) ?? refuse(shown, blockedFor, since);
    },
  };
};
