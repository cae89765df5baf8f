import { createHmac } from "node:crypto";
import { newId } from "@cairn/kernel/id";
import { agentScopes } from "@cairn/memory/permission/permission";
import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters, type JWTPayload } from "jose";
import { describe, expect, test } from "vitest";
import { keyRecord, ourIssuer, setUpTokens, startsAt } from "./token-reader.fixture.ts";

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8")) as Record<string, unknown>;

type World = ReturnType<typeof setUpTokens>;

/** A token as the server would sign it, with a head and claims that it would never give. */
const forge = async (world: World, payload: JWTPayload, head: Partial<JWTHeaderParameters> = {}): Promise<string> => {
  const { id, algorithm, key } = await world.keys.signer();
  const seconds = startsAt / 1_000;
  return new SignJWT({
    iss: ourIssuer,
    aud: "cairn",
    sub: "user:anna",
    org: world.organisation,
    scope: "memories:read",
    jti: newId(),
    iat: seconds,
    nbf: seconds,
    exp: seconds + 900,
    ...payload,
  })
    .setProtectedHeader({ alg: algorithm, kid: id, typ: "at+jwt", ...head })
    .sign(key);
};

const setUp = (): World => {
  const world = setUpTokens();
  world.members.set("user:anna", "editor");
  return world;
};

describe("a token of ours", () => {
  test("TEN-3 stands for its principal, for what it was made for", async () => {
    await using world = setUp();
    const space = newId();
    const token = await world.issue({ scopes: ["memories:read", "spaces:read"], space, instance: "agent-7" });
    expect(await world.read(token)).toEqual({
      principal: "user:anna",
      credential: "token",
      organisation: world.organisation,
      role: "editor",
      scopes: ["memories:read", "spaces:read"],
      space,
      key: null,
      instance: "agent-7",
      until: startsAt + 900_000,
      administrator: false,
    });
  });

  test("TEN-3 says who made it and for how long, and no more than is needed", async () => {
    await using world = setUp();
    const [head, payload] = (await world.issue()).split(".");
    expect(decode(head)).toEqual({ alg: "EdDSA", kid: (await world.keys.signer()).id, typ: "at+jwt" });
    expect(decode(payload)).toEqual({
      iss: ourIssuer,
      aud: "cairn",
      sub: "user:anna",
      org: world.organisation,
      scope: agentScopes.join(" "),
      jti: expect.any(String) as string,
      iat: startsAt / 1_000,
      nbf: startsAt / 1_000,
      exp: startsAt / 1_000 + 900,
    });
  });

  test("TEN-3 ends when its time is over, give or take the clocks of servers", async () => {
    await using world = setUp();
    const token = await world.issue();
    world.pass(904_000);
    expect(await world.read(token)).not.toBeNull();
    world.pass(2_000);
    expect(await world.read(token)).toBeNull();
  });

  test("TEN-3 is read by a server whose clock is a little behind, and not by one whose clock is far behind", async () => {
    await using world = setUp();
    const token = await world.issue();
    world.pass(-4_000);
    expect(await world.read(token)).not.toBeNull();
    world.pass(-2_000);
    expect(await world.read(token)).toBeNull();
  });

  test("TEN-3 the forgery that the next tests change is good as it is", async () => {
    await using world = setUp();
    expect(await world.read(await forge(world, {}))).toMatchObject({ principal: "user:anna" });
  });

  const seconds = startsAt / 1_000;
  const refused: readonly (readonly [what: string, payload: JWTPayload, head?: Partial<JWTHeaderParameters>])[] = [
    ["another audience", { aud: "other" }],
    ["another audience in a list", { aud: ["other"] }],
    ["ours among other audiences", { aud: ["cairn", "other"] }],
    ["another issuer", { iss: "https://elsewhere.example.com" }],
    ["an issuer that looks like ours", { iss: `${ourIssuer}/` }],
    ["no end", { exp: undefined as never }],
    ["an end in the past", { exp: seconds - 6 }],
    ["a beginning in the future", { nbf: seconds + 6 }],
    ["no beginning", { nbf: undefined as never }],
    ["an issue in the future", { iat: seconds + 60 }],
    ["no time of issue", { iat: undefined as never }],
    ["a time of issue that is no number", { iat: "now" as never }],
    ["a life longer than we give", { exp: seconds + 3_601 }],
    ["no scope", { scope: undefined }],
    ["a scope that is a list", { scope: ["memories:read"] }],
    ["no subject", { sub: undefined as never }],
    ["the one who has the machine as its subject", { sub: "local" }],
    ["nobody as its subject", { sub: "anonymous" }],
    ["a key as its subject, without that key", { sub: "key:k1" }],
    ["a customer's subject", { sub: `external:${newId()}:anna` }],
    ["another organisation", { org: newId() }],
    ["an organisation that is no id", { org: "acme" }],
    ["a space that is no text", { space: 7 }],
    ["no id of its own", { jti: undefined as never }],
    ["another type", {}, { typ: "JWT" }],
    ["no type", {}, { typ: undefined as never }],
    ["a key that nobody has", {}, { kid: newId() }],
    ["a key that is no id", {}, { kid: "../../etc/passwd" }],
    ["no key", {}, { kid: undefined as never }],
  ];
  test.each(refused.map(([what, payload, head = {}]) => ({ what, payload, head })))(
    "TEN-3 is refused with $what, though we signed it",
    async ({ payload, head }) => {
      await using world = setUp();
      expect(await world.read(await forge(world, payload, head))).toBeNull();
    },
  );

  test("TEN-3 is refused with a critical extension", async () => {
    await using world = setUp();
    const { id, key } = await world.keys.signer();
    const token = await forge(world, {});
    const [, payload = ""] = token.split(".");
    const head = encode({ alg: "EdDSA", kid: id, typ: "at+jwt", crit: ["b64"], b64: true });
    const signature = await crypto.subtle.sign("Ed25519", key, Buffer.from(`${head}.${payload}`));
    expect(await world.read(`${head}.${payload}.${Buffer.from(signature).toString("base64url")}`)).toBeNull();
  });

  test("TEN-3 is refused with our public key used as a password (HS256), and without a signature (none)", async () => {
    await using world = setUp();
    const [, payload = ""] = (await world.issue()).split(".");
    const [published] = await world.keys.published();
    const { id } = await world.keys.signer();
    for (const secret of [
      JSON.stringify(published),
      published?.x ?? "",
      Buffer.from(published?.x ?? "", "base64url"),
    ]) {
      const head = encode({ alg: "HS256", kid: id, typ: "at+jwt" });
      const signature = createHmac("sha256", secret).update(`${head}.${payload}`).digest("base64url");
      expect(await world.read(`${head}.${payload}.${signature}`)).toBeNull();
    }
    for (const alg of ["none", "None", "NONE", ""]) {
      const head = encode({ alg, kid: id, typ: "at+jwt" });
      expect(await world.read(`${head}.${payload}.`)).toBeNull();
      expect(await world.read(`${head}.${payload}.AA`)).toBeNull();
    }
  });

  test("TEN-3 is refused when a stranger signed it, whatever key it brings or points to", async () => {
    await using world = setUp();
    const { id } = await world.keys.signer();
    const claims = decode((await world.issue()).split(".")[1]);
    for (const alg of ["EdDSA", "ES256"]) {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      const jwk = await exportJWK(publicKey);
      for (const brought of [
        {},
        { jwk },
        { jku: "https://evil.example.com/keys" },
        { x5u: "https://evil.example.com" },
      ]) {
        const token = await new SignJWT(claims)
          .setProtectedHeader({ alg, kid: id, typ: "at+jwt", ...brought })
          .sign(privateKey);
        expect(await world.read(token)).toBeNull();
      }
    }
  });

  test("TEN-3 is refused with one bit of it changed", async () => {
    await using world = setUp();
    const token = await world.issue();
    const [head = "", payload = "", signature = ""] = token.split(".");
    const claims = { ...decode(payload), scope: "server:manage" };
    expect(await world.read(`${head}.${encode(claims)}.${signature}`)).toBeNull();
    const bytes = Buffer.from(signature, "base64url");
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    expect(await world.read(`${head}.${payload}.${bytes.toString("base64url")}`)).toBeNull();
  });

  test.each(["", ".", "..", "a.b.c", "a.b", "a.b.c.d", "e30.e30.e30", "W10.W10.AA", `${"a".repeat(9_000)}.b.c`])(
    "TEN-3 %.20j is none",
    async (bearer) => {
      await using world = setUp();
      expect(await world.read(bearer)).toBeNull();
    },
  );

  test("TEN-3 is refused when it is larger than ours ever are", async () => {
    await using world = setUp();
    expect(await world.read(await forge(world, { note: "x".repeat(2_000) }))).not.toBeNull();
    expect(await world.read(await forge(world, { note: "x".repeat(3_000) }))).toBeNull();
  });

  test("TEN-3 leaves out scopes that it names and nobody knows", async () => {
    await using world = setUp();
    const token = await forge(world, { scope: "memories:read everything:do" });
    expect(await world.read(token)).toMatchObject({ scopes: ["memories:read"] });
  });

  test("TEN-3 is for its own organisation, also where another one is named", async () => {
    await using world = setUp();
    const token = await world.issue();
    expect(await world.read(token, { organisation: "acme" })).not.toBeNull();
    expect(await world.read(token, { organisation: world.organisation })).not.toBeNull();
    expect(await world.read(token, { organisation: "other" })).toBeNull();
  });
});

describe("what a token rests on", () => {
  test("TEN-3 a member who is removed or has another role is so in every token", async () => {
    await using world = setUp();
    const token = await world.issue();
    world.members.set("user:anna", "viewer");
    expect(await world.read(token)).toMatchObject({ role: "viewer" });
    world.members.delete("user:anna");
    expect(await world.read(token)).toBeNull();
  });

  test("TEN-3 a suspended organisation says so", async () => {
    await using world = setUp();
    const token = await world.issue();
    world.suspend();
    await expect(world.read(token)).rejects.toMatchObject({ code: "organisation.suspended" });
  });

  test("TEN-3 a token that a key made acts as the key, until that is revoked, expired or gone", async () => {
    await using world = setUp();
    const record = keyRecord({ organisation: world.organisation });
    world.records.set("k1", record);
    const token = await world.issue({ principal: "key:k1", key: "k1" });
    expect(await world.read(token)).toMatchObject({ principal: "key:k1", key: "k1", role: "editor" });
    for (const changes of [
      { revokedAt: startsAt },
      { expiresAt: startsAt },
      { organisation: newId() },
      { owner: "user:bert", role: null },
      { space: newId() },
      { scopes: ["memories:read"] as const },
    ]) {
      world.records.set("k1", { ...record, ...changes });
      expect(await world.read(token)).toBeNull();
    }
    world.records.set("k1", { ...record, revokedAt: startsAt + 60_000, expiresAt: startsAt + 60_000 });
    expect(await world.read(token)).not.toBeNull();
    world.records.delete("k1");
    expect(await world.read(token)).toBeNull();
  });

  test("TEN-3 a token that a person's key made needs the key and the membership", async () => {
    await using world = setUp();
    const record = keyRecord({ organisation: world.organisation, owner: "user:anna", role: null });
    world.records.set("k1", record);
    const token = await world.issue({ key: "k1" });
    expect(await world.read(token)).toMatchObject({ principal: "user:anna", key: "k1", role: "editor" });
    world.records.set("k1", { ...record, revokedAt: startsAt });
    expect(await world.read(token)).toBeNull();
    world.records.set("k1", record);
    world.members.delete("user:anna");
    expect(await world.read(token)).toBeNull();
  });

  test("TEN-3 a token comes from where its key may be used", async () => {
    await using world = setUp();
    world.records.set("k1", keyRecord({ organisation: world.organisation, addresses: ["10.0.0.0/8"] }));
    const token = await world.issue({ principal: "key:k1", key: "k1" });
    expect(await world.read(token, { address: "10.1.2.3" })).not.toBeNull();
    expect(await world.read(token, { address: "::ffff:10.1.2.3" })).not.toBeNull();
    expect(await world.read(token, { address: "192.0.2.1" })).toBeNull();
    expect(await world.read(token)).toBeNull();
  });

  test("TEN-3 tokens live on when the signing key changes, and end when it is revoked", async () => {
    await using world = setUp();
    const before = await world.issue();
    await world.issuer.rotateKeys(false);
    world.pass(11 * 60_000);
    const after = await world.issue();
    expect(decode(after.split(".")[0])["kid"]).not.toBe(decode(before.split(".")[0])["kid"]);
    expect(await world.read(before)).not.toBeNull();
    expect(await world.read(after)).not.toBeNull();
    await world.issuer.rotateKeys(true);
    expect(await world.read(before)).toBeNull();
    expect(await world.read(after)).toBeNull();
    expect(await world.read(await world.issue())).not.toBeNull();
  });
});
