/** Several servers with one directory of signing keys, each with secrets of its own and the same clock. */
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import type { SigningKeyDirectory } from "@cairn/directory/tokens/token-directory";
import { tokensOver } from "@cairn/directory/tokens/tokens-over";
import { secretsOf } from "./secrets.ts";
import { makeSigningKeys, type SigningKeysOptions } from "./signing-keys.ts";

export const oldSecret = "an old secret of thirty-two letters";
export const newSecret = "a new secret of thirty-two letters.";

export const setUpSigningKeys = () => {
  let now = Date.parse("2026-03-14T12:00:00Z");
  const clock = (): number => now;
  const database = openSqliteDatabase({ file: ":memory:" });
  const directory = tokensOver(database, clock).signingKeys;
  const warnings: string[] = [];
  return {
    directory,
    warnings,
    now: clock,
    pass: (milliseconds: number): void => {
      now += milliseconds;
    },
    server: (
      secrets: readonly string[] = [oldSecret],
      changes: { readonly directory?: Partial<SigningKeyDirectory> } & Pick<SigningKeysOptions, "algorithm"> = {},
    ) =>
      makeSigningKeys({
        ...changes,
        directory: { ...directory, ...changes.directory },
        secrets: async () => secretsOf(secrets),
        clock,
        warn: (line) => void warnings.push(line),
      }),
    [Symbol.asyncDispose]: () => database.close(),
  };
};
