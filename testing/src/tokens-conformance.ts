/**
 * What every `TokenDirectory` promises. Handles of one `setup` look at the same directory, as processes on one data
 * folder or servers on one database do.
 */
import type { NewIdentityProvider, NewSigningKey, TokenDirectory } from "@cairn/directory/tokens/token-directory";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";

export interface TokensSetup extends AsyncDisposable {
  readonly open: () => TokenDirectory;
  /** Resolves when a handle knows what others wrote, where it hears of it a moment later. */
  readonly caughtUp?: (directory: TokenDirectory) => Promise<void>;
}

const keyOf = (generation: number, changes: Partial<NewSigningKey> = {}): NewSigningKey => ({
  id: newId(),
  generation,
  algorithm: "EdDSA",
  publicKey: '{"kty":"OKP"}',
  sealed: "sealed",
  secret: "0123456789ab",
  signsFrom: 1_000 * generation,
  ...changes,
});

const providerOf = (changes: Partial<NewIdentityProvider> = {}): NewIdentityProvider => ({
  organisation: homeOrganisation,
  issuer: "https://login.example.com",
  audience: "cairn-acme",
  jwksUri: "https://login.example.com/keys",
  algorithms: ["RS256", "ES256"],
  subjectClaim: "sub",
  roleClaim: "groups",
  roles: [
    { value: "staff members", role: "editor" },
    { value: "admins", role: "admin" },
  ],
  defaultRole: "viewer",
  scopes: ["memories:read", "memories:write"],
  space: null,
  instanceClaim: null,
  createdBy: "user:1",
  ...changes,
});

const describeSigningKeys = (setUp: () => Promise<TokensSetup>): void => {
  describe("signing keys", () => {
    test("TEN-3 are kept as they were given, the newest first", async () => {
      await using setup = await setUp();
      const { signingKeys } = setup.open();
      expect(await signingKeys.all()).toEqual([]);
      const [first, second] = [keyOf(1), keyOf(2, { algorithm: "ES256" })];
      expect(await signingKeys.add(first, [])).toBe(true);
      expect(await signingKeys.add(second, [])).toBe(true);
      const found = await signingKeys.all();
      expect(found).toEqual([second, first].map((key) => ({ ...key, createdAt: expect.any(Number) as number })));
      expect(await signingKeys.allNow()).toEqual(found);
    });

    test("TEN-3 of two servers that make the next key one does, and both know it", async () => {
      await using setup = await setUp();
      const [one, other] = [setup.open(), setup.open()];
      await Promise.all([one.signingKeys.all(), other.signingKeys.all()]);
      const added = await Promise.all([one.signingKeys.add(keyOf(1), []), other.signingKeys.add(keyOf(1), [])]);
      expect(added.toSorted()).toEqual([false, true]);
      for (const each of [one, other]) {
        await setup.caughtUp?.(each);
        expect(await each.signingKeys.all()).toHaveLength(1);
      }
    });

    test("TEN-3 a generation that was passed by is not made any more, and nothing is dropped for it", async () => {
      await using setup = await setUp();
      const { signingKeys } = setup.open();
      await signingKeys.add(keyOf(1), []);
      await signingKeys.add(keyOf(3), [1]);
      expect(await signingKeys.add(keyOf(2), [3])).toBe(false);
      expect((await signingKeys.all()).map(({ generation }) => generation)).toEqual([3]);
    });

    test("TEN-3 a new key and the end of the old ones are known to every server", async () => {
      await using setup = await setUp();
      const [one, other] = [setup.open(), setup.open()];
      await one.signingKeys.add(keyOf(1), []);
      await one.signingKeys.add(keyOf(2), []);
      await setup.caughtUp?.(other);
      expect(await other.signingKeys.all()).toHaveLength(2);
      await one.signingKeys.add(keyOf(3), [1, 2]);
      await setup.caughtUp?.(other);
      expect((await other.signingKeys.all()).map(({ generation }) => generation)).toEqual([3]);
    });

    test("TEN-3 a key is sealed anew only by who saw how it was sealed", async () => {
      await using setup = await setUp();
      const { signingKeys } = setup.open();
      const key = keyOf(1);
      await signingKeys.add(key, []);
      await signingKeys.reseal(key.id, key.secret, { sealed: "anew", secret: "ba9876543210" });
      await signingKeys.reseal(key.id, key.secret, { sealed: "late", secret: "cccccccccccc" });
      expect(await signingKeys.all()).toMatchObject([{ sealed: "anew", secret: "ba9876543210" }]);
    });
  });
};

const describeProviders = (setUp: () => Promise<TokensSetup>): void => {
  describe("identity providers", () => {
    test("TEN-3 are kept as they were given and found by their issuer on every server", async () => {
      await using setup = await setUp();
      const [{ providers }, other] = [setup.open(), setup.open()];
      const given = providerOf();
      const made = await providers.create(given);
      expect(made).toMatchObject(given);
      const plain = await providers.create(
        providerOf({ audience: "plain", roleClaim: null, roles: [], defaultRole: null, space: newId() }),
      );
      expect(await providers.list(homeOrganisation)).toEqual([made, plain]);
      expect(await providers.get(homeOrganisation, made.id)).toEqual(made);
      await setup.caughtUp?.(other);
      expect(await other.providers.ofIssuer(given.issuer)).toEqual([made, plain]);
      expect(await other.providers.ofIssuer("https://login.example.com/")).toEqual([]);
    });

    test("TEN-3 what was changed or removed is so on every server", async () => {
      await using setup = await setUp();
      const [{ providers }, other] = [setup.open(), setup.open()];
      const made = await providers.create(providerOf());
      await setup.caughtUp?.(other);
      expect(await other.providers.ofIssuer(made.issuer)).toEqual([made]);
      const changed = await providers.update(homeOrganisation, made.id, {
        algorithms: ["EdDSA"],
        roles: [],
        defaultRole: null,
        instanceClaim: "agent",
      });
      expect(changed).toEqual({
        ...made,
        algorithms: ["EdDSA"],
        roles: [],
        defaultRole: null,
        instanceClaim: "agent",
        updatedAt: changed.updatedAt,
      });
      await setup.caughtUp?.(other);
      expect(await other.providers.ofIssuer(made.issuer)).toEqual([changed]);
      await providers.remove(homeOrganisation, made.id);
      await setup.caughtUp?.(other);
      expect(await other.providers.ofIssuer(made.issuer)).toEqual([]);
      expect(await providers.list(homeOrganisation)).toEqual([]);
    });

    test("TEN-3 an issuer and audience belong to one organisation", async () => {
      await using setup = await setUp();
      const { providers } = setup.open();
      await providers.create(providerOf());
      const stranger = newId();
      await expect(providers.create(providerOf({ organisation: stranger }))).rejects.toMatchObject({
        code: "provider.taken",
      });
      const other = await providers.create(providerOf({ organisation: stranger, audience: "cairn-other" }));
      await expect(providers.update(stranger, other.id, { audience: "cairn-acme" })).rejects.toMatchObject({
        code: "provider.taken",
      });
      expect(await providers.get(stranger, other.id)).toEqual(other);
    });

    test("TEN-3 those of another organisation look absent", async () => {
      await using setup = await setUp();
      const { providers } = setup.open();
      const { id } = await providers.create(providerOf());
      const stranger = newId();
      const absent = { code: "provider.not_found" };
      await expect(providers.get(stranger, id)).rejects.toMatchObject(absent);
      await expect(providers.update(stranger, id, { space: null })).rejects.toMatchObject(absent);
      await expect(providers.remove(stranger, id)).rejects.toMatchObject(absent);
      await expect(providers.get(homeOrganisation, newId())).rejects.toMatchObject(absent);
      expect(await providers.list(stranger)).toEqual([]);
      expect(await providers.list(homeOrganisation)).toHaveLength(1);
    });

    test("TEN-3 an organisation has twenty at most", async () => {
      await using setup = await setUp();
      const { providers } = setup.open();
      for (let index = 0; index < 20; index += 1) await providers.create(providerOf({ audience: `cairn-${index}` }));
      await expect(providers.create(providerOf({ audience: "cairn-20" }))).rejects.toMatchObject({
        code: "limit.exceeded",
      });
    });
  });
};

export const describeTokens = (name: string, setUp: () => Promise<TokensSetup>): void => {
  describe(`the directory of tokens: ${name}`, () => {
    describeSigningKeys(setUp);
    describeProviders(setUp);
  });
};
