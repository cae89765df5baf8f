import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { describeTokens } from "@cairn/testing/tokens-conformance";
import { afterAll } from "vitest";
import { openPostgresDatabase, type PostgresDatabase } from "../database/postgres-database.ts";
import { migrateDirectory } from "../postgres-migrations.ts";
import type { TokenDirectory } from "./token-directory.ts";
import { tokensOver } from "./tokens-over.ts";

const describe = await postgresOrSkip();

/** Making a database takes longer than most of these tests: they share one, which each finds as new. */
const makeShared = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  return { database, ...(await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app")) };
};
let shared: ReturnType<typeof makeShared> | undefined;
afterAll(async () => (await shared)?.database.drop());

describe("on PostgreSQL", () => {
  describeTokens("PostgreSQL", async () => {
    const { database, url } = await (shared ??= makeShared());
    await database.run("delete from cairn_directory.signing_keys; delete from cairn_directory.identity_providers");
    const opened = new Map<TokenDirectory, PostgresDatabase>();
    return {
      open: () => {
        const one = openPostgresDatabase({ url });
        const tokens = tokensOver(one, Date.now);
        opened.set(tokens, one);
        return tokens;
      },
      caughtUp: async (tokens) => opened.get(tokens)?.caughtUp(),
      [Symbol.asyncDispose]: async () => {
        for (const one of opened.values()) await one.close();
      },
    };
  });
});
