import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import { providersOver } from "./providers-over.ts";
import { signingKeysOver } from "./signing-keys-over.ts";
import type { TokenDirectory } from "./token-directory.ts";

export const tokensOver = (database: DirectoryDatabase, clock: Clock): TokenDirectory => ({
  signingKeys: signingKeysOver(database, clock),
  providers: providersOver(database, clock),
});
