/** Changing what is stored: update, correct, forget, restore, purge. */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Memory } from "@cairn/memory/memory/memory";
import { readMemory } from "@cairn/memory/memory/reading";
import type { Actor, Correction, MemoryUpdate } from "@cairn/memory/space/engine";
import { quarantineOf } from "@cairn/memory/trust/quarantine";
import { versionsOf } from "../read/history.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { docKind } from "../space/space-index.ts";
import { eraseDocument } from "./document.ts";
import { dropKnowledge } from "./knowledge.ts";
import {
  findById,
  insertMemory,
  memoryState,
  replaceMemory,
  retireMemory,
  type StoredMemory,
} from "./memory-writer.ts";
import { checkKey, checkVersion, nextVersion } from "./remember.ts";
import { type Steps, transact, type WriteContext } from "./transaction.ts";
import { demandScrub, dropWords, noteWords, scrub } from "./words.ts";

export const notFound = (id: string): CairnError =>
  new CairnError("memory.not_found", `Memory ${id.slice(0, 64)} not found`, {
    hint: "Recall it by its text, or list memories to see ids.",
  });

const isExpired = ({ memory }: StoredMemory, now: number): boolean =>
  memory.expiresAt !== null && memory.expiresAt <= now;

/** What has expired counts as gone, whether or not a sweep has come by. */
const liveById = ({ space, now }: WriteContext, id: string): StoredMemory => {
  const stored = findById(space, id);
  if (stored === null || stored.state === memoryState.deleted || isExpired(stored, now)) throw notFound(id);
  if (stored.state === memoryState.superseded) {
    throw new CairnError(
      "memory.version_conflict",
      `Memory ${id} was corrected; go on with ${stored.memory.supersededBy}.`,
      {
        currentVersion: stored.memory.version,
        hint: "Read the correction, and change that.",
      },
    );
  }
  return stored;
};

export function* update(space: OpenSpace, actor: Actor, clock: Clock, change: MemoryUpdate): Steps<Memory> {
  return yield* transact(space, actor, clock, function* (context) {
    const stored = liveById(context, change.id);
    checkVersion(stored, change.expectedVersion);
    checkKey(space, change.fields.key, stored.row);
    return replaceMemory(
      context,
      stored,
      nextVersion(context, stored, change.fields),
      "update",
      change.vectors === undefined ? stored.doc : { ...change, vectors: change.vectors },
    ).memory;
  });
}

/** Lets recall find what was held back; the log tells who did it. */
export function* release(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  id: string,
  expectedVersion: number | undefined,
): Steps<Memory> {
  return yield* transact(space, actor, clock, function* (context) {
    const stored = liveById(context, id);
    checkVersion(stored, expectedVersion);
    if (stored.memory.quarantined === null) return stored.memory;
    const after = { ...nextVersion(context, stored, {}), quarantined: null };
    return replaceMemory(context, stored, after, "release", stored.doc).memory;
  });
}

export function* correct(space: OpenSpace, actor: Actor, clock: Clock, correction: Correction): Steps<Memory> {
  return yield* transact(space, actor, clock, function* (context) {
    const original = liveById(context, correction.originalId);
    checkKey(space, correction.fields.key, original.row);
    const id = newId();
    const superseded: Memory = { ...nextVersion(context, original, {}), supersededBy: id };
    retireMemory(context, original, superseded, "supersede");
    const fields = { ...original.memory, sourceType: "correction" as const, ...correction.fields };
    const corrected: Memory = {
      ...fields,
      id,
      sourceInstance: actor.instance,
      version: 1,
      supersedes: original.memory.id,
      supersededBy: null,
      createdAt: context.now,
      createdBy: actor.principal,
      updatedAt: context.now,
      updatedBy: actor.principal,
      quarantined: quarantineOf(fields, context.now),
    };
    return insertMemory(context, corrected, correction, readMemory(corrected)).stored.memory;
  });
}

/** Erases a memory's content from rows, indexes and log; numbers remain, so that replicas and processes hear of it. */
export const purgeMemory = (context: WriteContext, stored: StoredMemory): void => {
  const { space } = context;
  space.write("UPDATE changes SET fields = NULL, overwrites = NULL WHERE subject = ?").run(stored.memory.id);
  const seq = context.log.append({
    kind: "purge",
    subject: stored.memory.id,
    version: stored.memory.version + 1,
    fields: {},
    overwrites: null,
  });
  space.write("UPDATE changes SET fields = NULL WHERE seq = ?").run(seq);
  const docs = space
    .write("SELECT n, entry FROM docs WHERE owner = ? AND kind = ?")
    .all(stored.row, docKind.memory) as { n: number; entry: Uint8Array | null }[];
  for (const { n } of docs) eraseDocument(space, n, seq);
  noteWords(
    space,
    docs.flatMap(({ entry }) => (entry === null ? [] : [entry])),
  );
  demandScrub(space);
  dropKnowledge(space, stored.row);
  space.write("DELETE FROM memory_tags WHERE memory = ?").run(stored.row);
  space.write("DELETE FROM memories WHERE row = ?").run(stored.row);
};

export const deleteMemory = (context: WriteContext, stored: StoredMemory): void =>
  retireMemory(context, stored, nextVersion(context, stored, {}), "delete");

export function* forget(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  id: string,
  options: { readonly purge: boolean; readonly expectedVersion?: number },
): Steps<void> {
  yield* transact(space, actor, clock, function* (context) {
    const stored = findById(space, id);
    const gone = stored?.state === memoryState.deleted || (stored !== null && isExpired(stored, context.now));
    if (stored === null || (gone && !options.purge)) throw notFound(id);
    checkVersion(stored, options.expectedVersion);
    if (options.purge) purgeMemory(context, stored);
    else deleteMemory(context, stored);
  });
  if (!options.purge) return;
  yield* dropWords(space, actor, clock);
  yield* scrub(space, actor, clock, false);
}

export function* restore(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  id: string,
  version: number | undefined,
): Steps<Memory> {
  return yield* transact(space, actor, clock, function* (context) {
    const stored = findById(space, id);
    if (stored === null) throw notFound(id);
    const versions = versionsOf(space.write, space.id, id);
    const wanted =
      version === undefined
        ? versions.findLast((one) => one.kind !== "delete")
        : versions.find((one) => one.version === version);
    if (wanted === undefined) {
      throw new CairnError("memory.version_not_found", `This memory has versions 1 to ${stored.memory.version}.`, {
        currentVersion: stored.memory.version,
      });
    }
    const { memory } = wanted;
    checkKey(space, memory.key, stored.row);
    const after: Memory = {
      ...memory,
      // Who brings back what had expired wants to read it.
      ...(memory.expiresAt !== null && memory.expiresAt <= context.now && { expiresAt: null, decay: null }),
      supersededBy: null,
      // A version from before texts were examined is examined now, unless someone has released the memory since.
      quarantined:
        memory.quarantined ??
        (versions.some(({ kind }) => kind === "release") ? null : quarantineOf(memory, context.now)),
      version: stored.memory.version + 1,
      updatedAt: context.now,
      updatedBy: actor.principal,
    };
    // The wanted version's own vectors are still there: old versions answer questions about the past.
    const doc = space
      .write(
        "SELECT n FROM docs WHERE owner = ? AND kind = ? AND version <= ? AND entry IS NOT NULL ORDER BY version DESC, n DESC LIMIT 1",
      )
      .pluck()
      .get(stored.row, docKind.memory, memory.version) as number | undefined;
    return replaceMemory(context, stored, after, "restore", doc ?? stored.doc).memory;
  });
}
