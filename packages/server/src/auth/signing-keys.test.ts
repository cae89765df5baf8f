import { describe, expect, test } from "vitest";
import { newSecret, oldSecret, setUpSigningKeys } from "./signing-keys.fixture.ts";
import type { KeyToUse, SigningKeys } from "./signing-keys.ts";
import { publishedForMs } from "./signing-keys-turn.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

const idsOf = async (keys: SigningKeys): Promise<readonly (string | undefined)[]> =>
  (await keys.published()).map(({ kid }) => kid);

const agree = async (signer: KeyToUse, checker: SigningKeys): Promise<boolean> => {
  const found = await checker.find(signer.id);
  if (found === null) return false;
  const [data, algorithm] = [Buffer.from("said"), { name: signer.key.algorithm.name, hash: "SHA-256" }];
  return crypto.subtle.verify(algorithm, found.key, await crypto.subtle.sign(algorithm, signer.key, data), data);
};

describe("the keys that sign tokens", () => {
  test.each(["EdDSA", "ES256"] as const)("TEN-3 make themselves when they are first needed (%s)", async (algorithm) => {
    await using setup = setUpSigningKeys();
    const [server, other] = [setup.server([oldSecret], { algorithm }), setup.server()];
    expect(await server.published()).toEqual([]);
    const signer = await server.signer();
    expect(signer.algorithm).toBe(algorithm);
    expect(await agree(signer, server)).toBe(true);
    expect(await agree(await other.signer(), server)).toBe(true);
    expect((await other.signer()).id).toBe(signer.id);
  });

  test("TEN-3 are published without their secret half, and lie in the directory sealed", async () => {
    await using setup = setUpSigningKeys();
    const server = setup.server();
    const { id } = await server.signer();
    const [published] = await server.published();
    expect(published).toEqual({
      kty: "OKP",
      crv: "Ed25519",
      x: expect.any(String) as string,
      kid: id,
      alg: "EdDSA",
      use: "sig",
    });
    expect(JSON.stringify(await setup.directory.all())).not.toMatch(/"d\\?"/u);
  });

  test("TEN-3 a new key is published for longer than others keep the list, before it signs", async () => {
    await using setup = setUpSigningKeys();
    const server = setup.server();
    const first = await server.signer();
    const { id, signsFrom } = await server.rotate(false);
    expect(signsFrom - setup.now()).toBeGreaterThan(publishedForMs);
    expect(await idsOf(server)).toEqual([id, first.id]);
    setup.pass(signsFrom - setup.now() - 1);
    expect((await server.signer()).id).toBe(first.id);
    setup.pass(1);
    expect((await server.signer()).id).toBe(id);
  });

  test("TEN-3 a key stays published until its last token has ended, and is forgotten later", async () => {
    await using setup = setUpSigningKeys();
    const server = setup.server();
    const first = await server.signer();
    const { id, signsFrom } = await server.rotate(false);
    setup.pass(signsFrom - setup.now() + 60 * minute);
    expect(await server.find(first.id)).not.toBeNull();
    setup.pass(minute);
    expect(await server.find(first.id)).toBeNull();
    expect(await idsOf(server)).toEqual([id]);
    await server.rotate(false);
    expect((await setup.directory.all()).map((key) => key.id)).not.toContain(first.id);
  });

  test("TEN-3 take turns of thirty days by themselves, the next one known beforehand", async () => {
    await using setup = setUpSigningKeys();
    const server = setup.server();
    const first = await server.signer();
    setup.pass(28 * day);
    await server.signer();
    expect(await idsOf(server)).toEqual([first.id]);
    setup.pass(day + 1);
    expect((await server.signer()).id).toBe(first.id);
    const [next, ...rest] = await idsOf(server);
    expect(rest).toEqual([first.id]);
    await server.signer();
    expect(await idsOf(server)).toHaveLength(2);
    setup.pass(day);
    expect((await server.signer()).id).toBe(next);
  });

  test("TEN-3 do not pile up", async () => {
    await using setup = setUpSigningKeys();
    const server = setup.server();
    for (let turn = 0; turn < 5; turn += 1) {
      await server.signer();
      setup.pass(29 * day);
      await server.signer();
      setup.pass(day);
    }
    expect((await setup.directory.all()).length).toBeLessThanOrEqual(3);
  });

  test("TEN-3 a server whose clock is behind signs with what one that is ahead has made", async () => {
    await using setup = setUpSigningKeys();
    const { id } = await setup.server().signer();
    setup.pass(-2_000);
    expect((await setup.server().signer()).id).toBe(id);
    expect(await setup.directory.all()).toHaveLength(1);
  });

  test("TEN-3 a server that nobody asked for a year signs on while the next key becomes known", async () => {
    await using setup = setUpSigningKeys();
    const server = setup.server();
    const first = await server.signer();
    setup.pass(365 * day);
    expect((await server.signer()).id).toBe(first.id);
    expect(await idsOf(server)).toHaveLength(2);
    setup.pass(10 * minute);
    expect((await server.signer()).id).not.toBe(first.id);
  });

  test("TEN-3 a leaked key is gone at once, and so is one that waited for its turn", async () => {
    await using setup = setUpSigningKeys();
    const [server, other] = [setup.server(), setup.server()];
    const first = await server.signer();
    const waiting = await server.rotate(false);
    const { id } = await other.rotate(true);
    expect(await server.find(first.id)).toBeNull();
    expect(await server.find(waiting.id)).toBeNull();
    expect((await server.signer()).id).toBe(id);
    expect(await idsOf(server)).toEqual([id]);
  });

  test("TEN-3 of several servers that make a key at once one does", async () => {
    await using setup = setUpSigningKeys();
    const servers = Array.from({ length: 4 }, () => setup.server());
    const ids = (await Promise.all(servers.map((server) => server.signer()))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect(await setup.directory.all()).toHaveLength(1);
  });

  test("TEN-3 a key that is not known has the directory asked anew, once a second at most", async () => {
    await using setup = setUpSigningKeys();
    let asked = 0;
    const [writer, stale] = [
      setup.server(),
      // It never hears of what others write.
      setup.server([oldSecret], {
        directory: {
          all: async () => [],
          allNow: async () => {
            asked += 1;
            return setup.directory.allNow();
          },
        },
      }),
    ];
    const { id } = await writer.signer();
    expect(await stale.find(id)).not.toBeNull();
    for (let guess = 0; guess < 20; guess += 1) expect(await stale.find(crypto.randomUUID())).toBeNull();
    expect(asked).toBe(1);
    expect(await stale.find("01990000-0000-7000-8000-000000000000")).toBeNull();
    expect(asked).toBe(1);
    setup.pass(1_000);
    expect(await stale.find("01990000-0000-7000-8000-000000000000")).toBeNull();
    expect(asked).toBe(2);
  });

  test("TEN-3 go on signing where the directory cannot be written", async () => {
    await using setup = setUpSigningKeys();
    const { id } = await setup.server().signer();
    setup.pass(30 * day);
    const fail = async (): Promise<never> => {
      throw new Error("read only");
    };
    const server = setup.server([newSecret, oldSecret], { directory: { add: fail, reseal: fail } });
    expect((await server.signer()).id).toBe(id);
    expect(setup.warnings).toHaveLength(1);
  });
});

describe("signing keys and the server's secret", () => {
  test("TEN-3 are sealed anew under a new secret, those that wait for their turn too, and need the old one no more", async () => {
    await using setup = setUpSigningKeys();
    const before = setup.server();
    const { id } = await before.signer();
    await before.rotate(false);
    expect((await setup.server([newSecret, oldSecret]).signer()).id).toBe(id);
    const after = setup.server([newSecret]);
    expect((await after.signer()).id).toBe(id);
    setup.pass(11 * minute);
    expect((await after.signer()).id).not.toBe(id);
    expect(await setup.directory.all()).toHaveLength(2);
    expect(setup.warnings).toEqual([]);
  });

  test("TEN-3 a server that runs on with the old secret goes on signing with what it has opened", async () => {
    await using setup = setUpSigningKeys();
    const old = setup.server([oldSecret]);
    const { id } = await old.signer();
    await setup.server([newSecret, oldSecret]).signer();
    expect((await old.signer()).id).toBe(id);
  });

  test("TEN-3 are replaced where the secret is lost, and what was signed stays good", async () => {
    await using setup = setUpSigningKeys();
    const before = await setup.server([oldSecret]).signer();
    const server = setup.server([newSecret]);
    const after = await server.signer();
    expect(after.id).not.toBe(before.id);
    expect(await agree(before, server)).toBe(true);
    expect(await agree(after, server)).toBe(true);
    expect(setup.warnings).toEqual([expect.stringContaining("No signing key can be opened") as string]);
  });
});
