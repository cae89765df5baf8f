/**
 * A process that records calls until it is killed, and says each on its standard output when it was recorded.
 *
 * Arguments: data folder, address of a database or the path of a SQLite file, organisation, and at the commit of which
 * segment it kills itself (0: never).
 */
import { openPostgresDatabase } from "@cairn/directory/database/postgres-database";
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { makeFakeEngine } from "../fake-engine.ts";
import { makeFakeSpaceDirectory } from "../fake-space-directory.ts";
import { openLedger } from "@cairn/server/ledger/open-ledger";
import { identityIn, makeRecord } from "../ledger-setup.ts";

const [data = "", place = "", organisation = "", killsAt = "0"] = process.argv.slice(2);
const isUrl = place.startsWith("postgres");
const opened = isUrl ? openPostgresDatabase({ url: place }) : openSqliteDatabase({ file: place });
let commits = 0;
const database: DirectoryDatabase = {
  ...opened,
  write: async (topics, work) => {
    const result = await opened.write(topics, work);
    commits += 1;
    // After the commit, before the segment's file is removed.
    if (commits === Number(killsAt)) process.kill(process.pid, "SIGKILL");
    return result;
  },
};
const ledger = openLedger({
  database,
  engine: makeFakeEngine(Date.now),
  directory: makeFakeSpaceDirectory(Date.now),
  data,
  instance: "child",
  clock: Date.now,
  failed: (error) => process.stderr.write(`${String(error)}\n`),
  everyMs: 20,
});
ledger.start();
const identity = identityIn(organisation, { key: "k" });
const say = (line: string): Promise<void> => new Promise((done) => process.stdout.write(line, () => done()));
for (let count = 0; ; count += 1) {
  const record = makeRecord(identity);
  ledger.record(record);
  ledger.bandwidth({ identity, space: null, bytesIn: 10, bytesOut: 100 });
  await say(`${JSON.stringify({ id: record.id })}\n`);
  // Gives way, so that segments are applied meanwhile.
  if (count % 10 === 0) await new Promise((done) => setTimeout(done, 1));
}
