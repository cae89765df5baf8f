import { createHmac } from "node:crypto";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { unreadable } from "./safe-fetch.ts";
import { ourIssuer, setUpTokens, startsAt } from "./token-reader.fixture.ts";

const seconds = startsAt / 1_000;
const usual = {
  iss: "https://login.example.com",
  aud: "cairn-acme",
  sub: "anna",
  iat: seconds,
  exp: seconds + 3_600,
} as const;

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let elliptic: Pair;
let rsa: Pair;
let stranger: Pair;
let published: readonly JWK[];
beforeAll(async () => {
  const extractable = { extractable: true };
  elliptic = await generateKeyPair("ES256", extractable);
  rsa = await generateKeyPair("RS256", extractable);
  stranger = await generateKeyPair("ES256", extractable);
  published = [
    { ...(await exportJWK(elliptic.publicKey)), kid: "e1", alg: "ES256", use: "sig" },
    { ...(await exportJWK(rsa.publicKey)), kid: "r1", alg: "RS256", use: "sig" },
  ];
});

const sign = (
  payload: JWTPayload = {},
  head: Partial<JWTHeaderParameters> = {},
  key: Pair["privateKey"] = elliptic.privateKey,
): Promise<string> =>
  new SignJWT({ ...usual, ...payload }).setProtectedHeader({ alg: "ES256", kid: "e1", typ: "JWT", ...head }).sign(key);

const setUp = () => setUpTokens({ fetch: async () => JSON.stringify({ keys: published }) });

describe("a token of a customer's own provider", () => {
  test("TEN-3 stands for its subject, with the role and the scopes that were agreed on", async () => {
    await using world = setUp();
    const space = newId();
    const { id } = await world.believe({ scopes: ["memories:read"], space, instanceClaim: "agent" });
    expect(await world.read(await sign({ agent: "agent-7", scope: "server:manage" }))).toEqual({
      principal: `external:${id}:anna`,
      credential: "provider",
      organisation: world.organisation,
      role: "editor",
      scopes: ["memories:read"],
      space,
      key: null,
      instance: "agent-7",
      until: startsAt + 3_600_000,
      administrator: false,
    });
  });

  const refused: readonly (readonly [what: string, payload: JWTPayload, head?: Partial<JWTHeaderParameters>])[] = [
    ["another audience", { aud: "cairn-other" }],
    ["another audience in a list", { aud: ["cairn-other", "account"] }],
    ["no audience", { aud: undefined as never }],
    ["an empty list of audiences", { aud: [] }],
    ["an audience that only begins like ours", { aud: "cairn-acme-2" }],
    ["another issuer", { iss: "https://login.example.com/" }],
    ["our issuer", { iss: ourIssuer, aud: "cairn" }],
    ["no issuer", { iss: undefined as never }],
    ["an end in the past", { exp: seconds - 6 }],
    ["no end", { exp: undefined as never }],
    ["an end that is no number", { exp: "tomorrow" as never }],
    ["a beginning in the future", { nbf: seconds + 6 }],
    ["an issue in the future", { iat: seconds + 6 }],
    ["no time of issue", { iat: undefined as never }],
    ["an issue before time began", { iat: -1 }],
    ["an issue after its end", { iat: seconds, exp: seconds }],
    ["a life of more than a day", { exp: seconds + 86_401 }],
    ["no subject", { sub: undefined as never }],
    ["an empty subject", { sub: "" }],
    ["a subject of 201 characters", { sub: "x".repeat(201) }],
    ["a subject with a line break", { sub: "an\nna" }],
    ["a subject with a direction mark", { sub: "an\u202Ena" }],
    ["a blank before the subject", { sub: " anna" }],
    ["a subject that is a list", { sub: ["anna"] as never }],
    ["a proof of possession that it needs", { cnf: { jkt: "x" } }],
    ["the type of another purpose", {}, { typ: "logout+jwt" }],
    ["a proof's type", {}, { typ: "dpop+jwt" }],
    ["a key that nobody has", {}, { kid: "e2" }],
    ["a key of another kind", {}, { kid: "r1" }],
  ];
  test.each(refused.map(([what, payload, head = {}]) => ({ what, payload, head })))(
    "TEN-3 is refused with $what, though the provider signed it",
    async ({ payload, head }) => {
      await using world = setUp();
      await world.believe();
      expect(await world.read(await sign())).not.toBeNull();
      expect(await world.read(await sign(payload, head))).toBeNull();
    },
  );

  test.each<readonly [string, JWTPayload, Partial<JWTHeaderParameters>]>([
    ["ours among other audiences", { aud: ["account", "cairn-acme"] }, {}],
    ["a clock that is a little ahead", { iat: seconds + 4, nbf: seconds + 4 }, {}],
    ["the type of access tokens", {}, { typ: "at+JWT" }],
    ["no type", {}, { typ: undefined as never }],
    ["no key, where one comes into question", {}, { kid: undefined as never }],
    ["a subject of several words", { sub: "CN=Anna Ätna" }, {}],
  ])("TEN-3 is taken with %s", async (_what, payload, head) => {
    await using world = setUp();
    await world.believe();
    expect(await world.read(await sign(payload, head))).not.toBeNull();
  });

  test("TEN-3 is refused with the public key used as a password (HS256), and without a signature (none)", async () => {
    await using world = setUp();
    await world.believe({ algorithms: ["RS256", "ES256"] });
    const [, payload = ""] = (await sign()).split(".");
    const spki = await exportSPKI(rsa.publicKey);
    for (const [alg, hash] of [
      ["HS256", "sha256"],
      ["HS384", "sha384"],
      ["HS512", "sha512"],
    ] as const) {
      for (const secret of [spki, spki.trim(), JSON.stringify(published[1]), published[1]?.n ?? ""]) {
        const head = Buffer.from(JSON.stringify({ alg, kid: "r1" })).toString("base64url");
        const signature = createHmac(hash, secret).update(`${head}.${payload}`).digest("base64url");
        expect(await world.read(`${head}.${payload}.${signature}`)).toBeNull();
      }
    }
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await world.read(`${none}.${payload}.`)).toBeNull();
    expect(await world.read(`${none}.${payload}.AA`)).toBeNull();
  });

  test("TEN-3 is refused with an algorithm that was not agreed on, though the key is the provider's", async () => {
    await using world = setUp();
    await world.believe({ algorithms: ["ES256"] });
    const token = await sign({}, { alg: "RS256", kid: "r1" }, rsa.privateKey);
    expect(await world.read(token)).toBeNull();
    await world.believe({ audience: "cairn-rsa", algorithms: ["RS256"] });
    expect(
      await world.read(await sign({ aud: "cairn-rsa" }, { alg: "RS256", kid: "r1" }, rsa.privateKey)),
    ).not.toBeNull();
    // An RSA key is no key of ES256, whatever a head says.
    expect(await world.read(await sign({}, { kid: "r1" }))).toBeNull();
  });

  test("TEN-3 is refused when a stranger signed it, whatever key it brings or points to", async () => {
    await using world = setUp();
    await world.believe();
    const jwk = await exportJWK(stranger.publicKey);
    for (const brought of [{}, { jwk }, { jku: "https://evil.example.com/keys" }, { x5u: "https://evil.example.com/" }])
      expect(await world.read(await sign({}, brought, stranger.privateKey))).toBeNull();
  });

  test("TEN-3 is refused with the key of another tenant's provider, under its own name or ours", async () => {
    const evil: JWK = { ...(await exportJWK(stranger.publicKey)), kid: "x1", alg: "ES256" };
    await using world = setUpTokens({
      fetch: async (address) => JSON.stringify({ keys: address.includes("evil") ? [evil] : published }),
    });
    await world.believe();
    await world.believe({
      organisation: homeOrganisation,
      issuer: "https://evil.example.com",
      jwksUri: "https://evil.example.com/keys",
    });
    expect(await world.read(await sign({}, { kid: "x1" }, stranger.privateKey))).toBeNull();
    expect(await world.read(await sign({}, { kid: "e1" }, stranger.privateKey))).toBeNull();
  });

  test("TEN-3 is refused where it could be either of two organisations'", async () => {
    await using world = setUp();
    await world.believe();
    await world.believe({ organisation: homeOrganisation, audience: "cairn-home" });
    expect(await world.read(await sign({ aud: ["cairn-acme", "cairn-home"] }))).toBeNull();
    expect(await world.read(await sign({ aud: ["cairn-acme"] }))).toMatchObject({ organisation: world.organisation });
  });

  test("TEN-3 ends with the provider, and with the organisation", async () => {
    await using world = setUp();
    const { id } = await world.believe();
    const token = await sign();
    expect(await world.read(token)).not.toBeNull();
    world.suspend();
    await expect(world.read(token)).rejects.toMatchObject({ code: "organisation.suspended" });
    await world.tokens.providers.remove(world.organisation, id);
    expect(await world.read(token)).toBeNull();
  });
});

test.each(["RS512", "PS256", "ES384", "ES512", "EdDSA", "Ed25519"] as const)(
  "TEN-3 a provider may sign with %s",
  async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const key: JWK = { ...(await exportJWK(publicKey)), kid: "k" };
    await using world = setUpTokens({ fetch: async () => JSON.stringify({ keys: [key] }) });
    await world.believe({ algorithms: [alg] });
    expect(await world.read(await sign({}, { alg, kid: "k" }, privateKey))).not.toBeNull();
  },
);

describe("the role of who signs in elsewhere", () => {
  const roles = [
    { value: "staff", role: "editor" },
    { value: "memory admins", role: "admin" },
    { value: "guests", role: "viewer" },
  ] as const;

  test.each<readonly [unknown, string | null]>([
    ["staff", "editor"],
    [["guests", "staff"], "editor"],
    [["guests", "memory admins", "staff"], "admin"],
    [["others"], null],
    [{ staff: true }, null],
    [undefined, null],
    ["STAFF", null],
  ])("TEN-3 with the groups %j is %j", async (groups, role) => {
    await using world = setUp();
    await world.believe({ roleClaim: "groups", roles, defaultRole: null });
    expect((await world.read(await sign({ groups })))?.role ?? null).toBe(role);
  });

  test("TEN-3 is the default one where none was mapped, and may come from within a claim", async () => {
    await using world = setUp();
    await world.believe({ roleClaim: "realm_access.roles", roles, defaultRole: "viewer" });
    expect(await world.read(await sign({ realm_access: { roles: ["staff"] } }))).toMatchObject({ role: "editor" });
    expect(await world.read(await sign({ "realm_access.roles": ["memory admins"] }))).toMatchObject({ role: "admin" });
    expect(await world.read(await sign())).toMatchObject({ role: "viewer" });
    await world.believe({ audience: "cairn-odd", roleClaim: "__proto__.constructor", roles, defaultRole: "viewer" });
    expect(await world.read(await sign({ aud: "cairn-odd" }))).toMatchObject({ role: "viewer" });
  });

  test("TEN-3 an instance that is no name of one is refused, and none is none", async () => {
    await using world = setUp();
    await world.believe({ instanceClaim: "agent" });
    expect(await world.read(await sign())).toMatchObject({ instance: null });
    expect(await world.read(await sign({ agent: "a b" }))).toBeNull();
    expect(await world.read(await sign({ agent: 7 }))).toBeNull();
  });
});

describe("a provider that cannot be asked", () => {
  test("TEN-3 is told to who shows its token, and to nobody else", async () => {
    await using world = setUpTokens({
      fetch: async () => {
        throw unreadable("it cannot be reached");
      },
    });
    await world.believe();
    await expect(world.read(await sign())).rejects.toMatchObject({ code: "provider.unavailable", status: 503 });
    expect(await world.read(await sign({ aud: "cairn-other" }))).toBeNull();
    expect(await world.read(await sign({ iss: "https://elsewhere.example.com" }))).toBeNull();
    expect(await world.read(await sign({}, { alg: "RS256" }, rsa.privateKey))).toBeNull();
    expect(world.warnings).toHaveLength(1);
  });
});
