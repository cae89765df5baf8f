/**
 * A process that may write only small files, and records calls until one is refused; then it says which were recorded,
 * and is gone. Its directory is away.
 *
 * Arguments: data folder, organisation.
 */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { openLedger } from "@cairn/server/ledger/open-ledger";
import { makeFakeEngine } from "../fake-engine.ts";
import { makeFakeSpaceDirectory } from "../fake-space-directory.ts";
import { identityIn, makeRecord } from "../ledger-setup.ts";

const [data = "", organisation = ""] = process.argv.slice(2);
const away = (): Promise<never> => Promise.reject(new CairnError("storage.unavailable", "away"));
const database: DirectoryDatabase = { read: away, change: away, write: away, remember: away };
const ledger = openLedger({
  database,
  engine: makeFakeEngine(Date.now),
  directory: makeFakeSpaceDirectory(Date.now),
  data,
  instance: "child",
  clock: Date.now,
  failed: () => undefined,
});
const codeOf = (work: () => void): string => {
  try {
    work();
    return "ok";
  } catch (error) {
    return isCairnError(error) ? error.code : String(error);
  }
};
const recorded: string[] = [];
for (let count = 0; count < 1_000; count += 1) {
  const record = makeRecord(identityIn(organisation));
  const code = codeOf(() => ledger.record(record));
  if (code !== "ok") {
    process.stdout.write(JSON.stringify({ recorded, refused: record.id, code, ready: codeOf(ledger.ready) }));
    break;
  }
  recorded.push(record.id);
}
