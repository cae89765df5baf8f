/** A process that may only read a data folder: gives up its rights, and reports what it can do. */
import { newId } from "@cairn/kernel/id";
import { CairnError } from "@cairn/kernel/error";
import { alice, engineEmbedder, itemOf } from "../engine/world.ts";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import { openDatabase } from "@cairn/store-sqlite/open-database";

export interface ReaderReport {
  readonly found: readonly string[];
  readonly writing: string;
  readonly creating: string;
  readonly findings: readonly string[];
}

const [folder, space, user] = process.argv.slice(2);
if (folder !== undefined && space !== undefined) {
  if (user !== undefined && user !== "") {
    // The driver loads its binary when a file is first opened; a checkout may lie where only its owner can read.
    openDatabase(":memory:").close();
    process.setgid?.(Number(user));
    process.setuid?.(Number(user));
  }
  const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "written",
      (error: unknown) => (error instanceof CairnError ? error.code : String(error)),
    );
  const query = { query: "cellar dry", vector: new Float32Array(64), limit: 5, minRelevance: 0.1, now: Date.now() };
  const { hits } = await engine.read(space).recall({ ...query, include: "memories" });
  const report: ReaderReport = {
    found: hits.flatMap((hit) => (hit.type === "memory" ? [hit.memory.content] : [])),
    writing: await codeOf(engine.write(space, alice).remember([await itemOf("more")], false)),
    creating: await codeOf(engine.create(newId())),
    findings: (await engine.check(space)).map(({ code }) => code),
  };
  await engine.close();
  process.send?.(report);
  process.disconnect?.();
}
