import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { hashKey, peppersOf } from "@cairn/directory/keys/key-hash";
import { mintKey } from "@cairn/directory/keys/key-format";
import { tenantsOver } from "@cairn/directory/tenants";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { symmetricEncrypt } from "better-auth/crypto";
import { expect, test } from "vitest";
import { sessionSecret } from "../accounts/session-secret.ts";
import { secretsOf } from "../auth/secrets.ts";
import { secretUses } from "./secret-uses.ts";

const [oldest, older, newest] = ["o".repeat(40), "p".repeat(40), "n".repeat(40)];

test("TEN-2 says of each secret what still needs it, also of one that is not there any more", async () => {
  const database = openSqliteDatabase({ file: ":memory:" });
  try {
    const tenants = tenantsOver(database, () => Date.parse("2026-03-14T12:00:00Z"));
    const before = secretsOf([older, oldest]);
    const { id, key } = mintKey();
    const rest = { owner: null, space: null, instance: null, addresses: null, replaces: null, expiresAt: null };
    const peppers = peppersOf(before);
    await tenants.keys.create({
      ...rest,
      ...hashKey(peppers.current, key),
      id,
      organisation: homeOrganisation,
      role: "viewer",
      label: "A key",
      scopes: ["memories:read"],
      createdBy: "local",
    });
    await tenants.tokens.signingKeys.add(
      {
        id: newId(),
        generation: 1,
        algorithm: "EdDSA",
        publicKey: "{}",
        sealed: "sealed",
        secret: before.all[1]!.id,
        signsFrom: 0,
      },
      [],
    );
    // As the accounts encrypt a second factor, under the version that names the secret.
    const { id: secretId } = before.current;
    const version = Number.parseInt(secretId, 16);
    const sealed = await symmetricEncrypt({
      key: { keys: new Map([[version, sessionSecret(before.current)]]), currentVersion: version },
      data: "JBSWY3DPEHPK3PXP",
    });
    const { id: person } = await tenants.people.create({
      email: "anna@example.com",
      name: "Anna",
      passwordHash: null,
      verified: true,
    });
    const factor = { backup_codes: sealed, verified: 1, failures: 0, locked_until: null };
    await database.change(({ tables }) =>
      tables
        .insertInto("second_factors")
        .values({ id: newId(), person, secret: sealed, ...factor })
        .execute(),
    );

    const uses = async (given: readonly string[]) =>
      (await secretUses({ database, tenants, secrets: secretsOf(given) })).map(
        ({ id: of, state, keys, signingKeys, secondFactors }) => [
          [oldest, older, newest].find((one) => secretsOf([one]).current.id === of)?.[0],
          state,
          keys,
          signingKeys,
          secondFactors,
        ],
      );
    expect(await uses([newest, older, oldest])).toEqual([
      ["n", "current", 0, 0, 0],
      ["p", "older", 1, 0, 1],
      ["o", "older", 0, 1, 0],
    ]);
    expect(await uses([newest, older])).toEqual([
      ["n", "current", 0, 0, 0],
      ["p", "older", 1, 0, 1],
      ["o", "missing", 0, 1, 0],
    ]);
  } finally {
    await database.close();
  }
});
