/** That the time of a refusal tells nothing, by a clock that goes on only while somebody works or waits. */
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { mintKey } from "@cairn/directory/keys/key-format";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeAuthenticator } from "../auth/authenticator.ts";
import type { CredentialReader } from "../auth/credential-readers.ts";
import { makeFailureFloor } from "../auth/failure-floor.ts";
import { makeKey, serverOn, shownWith } from "../auth/key-reader.fixture.ts";
import { setUpTokens } from "../auth/token-reader.fixture.ts";

const step = 25;

test("TEN-2 TEN-3 whatever work a refusal costs, it ends at the same moment, for keys and tokens alike", async () => {
  const database = openSqliteDatabase({ file: ":memory:" });
  await using opened = new AsyncDisposableStack();
  opened.defer(database.close);
  const server = serverOn(database, Date.now);
  opened.defer(server.uses.close);
  const tokens = opened.use(setUpTokens());
  tokens.members.set("user:anna", "editor");
  const good = await makeKey(server);
  const revoked = mintKey();
  await makeKey(server, { id: revoked.id });
  await server.tenants.keys.revoke(homeOrganisation, revoked.id);
  const [head, payload, signature] = (await tokens.issue()).split(".");
  const [, , other] = (await tokens.issue({ principal: "user:bert" })).split(".");
  const shown = [
    mintKey().key,
    good.slice(0, -1),
    revoked.key,
    "cairn_live_",
    `${head}.${payload}.${other}`,
    `${head}.${payload}.`,
    "a.b.c",
    "nonsense",
    await tokens.issue({ principal: "user:nobody" }),
  ];
  expect(signature).not.toBe(other);

  /** Milliseconds that a refusal takes where its reader works so long before and after it finds out. */
  const takenBy = async (bearer: string, before: number, after: number): Promise<number> => {
    let now = 1_000;
    let waits = 0;
    const working =
      (read: CredentialReader): CredentialReader =>
      async (given) => {
        now += before;
        const found = await read(given);
        now += after;
        return found;
      };
    const { identify } = makeAuthenticator({
      readers: {
        key: working(server.read),
        token: working(({ bearer: token }) => tokens.read(token ?? "")),
        session: async () => null,
      },
      requires: () => true,
      failures: { blocked: async () => null, failed: async () => undefined },
      floor: makeFailureFloor({
        stepMs: step,
        now: () => now,
        wait: async (milliseconds) => {
          waits += 1;
          now += milliseconds;
        },
      }),
    });
    await expect(identify(shownWith(bearer))).rejects.toMatchObject({ code: "auth.invalid" });
    expect(waits).toBeLessThanOrEqual(1);
    return now - 1_000;
  };

  const work = fc.integer({ min: 0, max: 12 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...shown), work, work, async (bearer, before, after) => {
      expect(await takenBy(bearer, before, after)).toBe(step);
    }),
  );
  // Where it took longer, it ends at the next step: no closer than a step can it be told what was wrong.
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...shown), fc.integer({ min: 26, max: 500 }), async (bearer, before) => {
      expect((await takenBy(bearer, before, 0)) % step).toBe(0);
    }),
  );
});
