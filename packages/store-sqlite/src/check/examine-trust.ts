/**
 * Texts of documents and of the web that were stored before there was a quarantine: a repair examines them, once. A
 * migration could not, since it runs under the lock and must end soon; until then they are found as before.
 */
import { quarantineOf } from "@cairn/memory/trust/quarantine";
import type { CheckFinding } from "@cairn/memory/space/engine";
import { makeSlicer, type Steps, type WriteContext } from "@cairn/memory/write/context";
import { replaceMemory } from "@cairn/memory/write/memory-writer";
import { nextVersion } from "@cairn/memory/write/remember";
import { memoryState } from "@cairn/memory/write/write-store";
import type { Statement } from "../open-database.ts";
import type { OpenSpace } from "../space/open-space.ts";

const unexamined = `FROM memories WHERE state = 0 AND quarantine IS NULL AND trust IN ('document', 'web')
  AND row <= (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'unexamined')`;

export const trustFindings = (prepare: (sql: string) => Statement): readonly CheckFinding[] => {
  const count = Number(prepare(`SELECT count(*) ${unexamined}`).pluck().get());
  if (count === 0) return [];
  const message = `${count} texts of documents or the web were never examined for instructions to a model.`;
  return [{ code: "trust.unexamined", message, repairable: true }];
};

export function* examineTrust(space: OpenSpace, context: WriteContext): Steps<void> {
  const { store, now } = context;
  const slice = makeSlicer();
  for (const id of space.write(`SELECT id ${unexamined}`).pluck().all() as string[]) {
    yield* slice();
    const stored = store.findById(id);
    if (stored === null || stored.state !== memoryState.live) continue;
    const quarantined = quarantineOf(stored.memory, now);
    if (quarantined === null) continue;
    replaceMemory(context, stored, { ...nextVersion(context, stored, {}), quarantined }, "update", stored.doc);
  }
  space.write("DELETE FROM meta WHERE key = 'unexamined'").run();
}
