/** Changing what is stored: update, correct, forget, restore, purge. */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { visitBag } from "@cairn/memory/recall/bag";
import { decodeEntry } from "@cairn/memory/recall/entry";
import type { Memory } from "@cairn/memory/memory/memory";
import { samenessOf } from "@cairn/memory/memory/sameness";
import type { Actor, Correction, MemoryUpdate } from "@cairn/memory/space/engine";
import { versionsOf } from "../read/history.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { docKind } from "../space/space-index.ts";
import { eraseDocument } from "./document.ts";
import { dropKnowledge } from "./knowledge.ts";
import { findById, findByKey, insertMemory, memoryState, replaceMemory, retireMemory, type StoredMemory } from "./memory-writer.ts";
import { checkVersion, nextVersion } from "./remember.ts";
import { makeSlicer, type Steps, transact, type WriteContext } from "./transaction.ts";

export const notFound = (id: string): CairnError =>
  new CairnError("memory.not_found", `Memory ${id.slice(0, 64)} not found`, { hint: "Recall it by its text, or list memories to see ids." });

const liveById = (space: OpenSpace, id: string): StoredMemory => {
  const stored = findById(space, id);
  if (stored === null || stored.state !== memoryState.live) throw notFound(id);
  return stored;
};

/** A named key belongs to one live memory: taking another's is a conflict. */
const checkKey = (space: OpenSpace, key: string | null | undefined, row: number): void => {
  if (key === null || key === undefined) return;
  const holder = findByKey(space, key);
  if (holder !== null && holder.row !== row) {
    throw new CairnError("memory.version_conflict", "Another memory has this key.", { currentVersion: holder.memory.version, hint: `It is ${holder.memory.id}.` });
  }
};

export function* update(space: OpenSpace, actor: Actor, clock: Clock, change: MemoryUpdate): Steps<Memory> {
  return yield* transact(space, actor, clock, function* (context) {
    const stored = liveById(space, change.id);
    checkVersion(stored, change.expectedVersion);
    checkKey(space, change.fields.key, stored.row);
    return replaceMemory(context, stored, nextVersion(context, stored, change.fields), "update", change.vectors ?? stored.doc).memory;
  });
}

export function* correct(space: OpenSpace, actor: Actor, clock: Clock, correction: Correction): Steps<Memory> {
  return yield* transact(space, actor, clock, function* (context) {
    const original = liveById(space, correction.originalId);
    checkKey(space, correction.fields.key, original.row);
    const id = newId();
    const superseded: Memory = { ...nextVersion(context, original, {}), supersededBy: id };
    retireMemory(context, original, superseded, "supersede");
    const corrected: Memory = {
      ...original.memory,
      sourceType: "correction",
      ...correction.fields,
      id,
      sourceInstance: actor.instance,
      version: 1,
      supersedes: original.memory.id,
      supersededBy: null,
      createdAt: context.now,
      createdBy: actor.principal,
      updatedAt: context.now,
      updatedBy: actor.principal,
    };
    return insertMemory(context, corrected, correction.vectors, samenessOf(corrected)).memory;
  });
}

/** Notes the words of purged texts, so that `dropWords` can remove those that nothing else holds. */
const noteWords = (space: OpenSpace, entries: readonly Uint8Array[]): void => {
  const ids = new Set<number>();
  for (const entry of entries) {
    const { bag, facets } = decodeEntry(entry);
    visitBag(bag, { start: () => undefined, passage: () => undefined, posting: (term) => void ids.add(term) });
    for (const id of [facets.author, facets.session, facets.key, ...facets.tags, ...facets.entities]) ids.add(id);
  }
  const note = space.write("INSERT OR IGNORE INTO stale_names (id) VALUES (?)");
  for (const id of ids) if (id > 0) note.run(id);
};

/** Removes from the lexicon the words that only purged texts held: they must not be readable from the file either. */
export function* dropWords(space: OpenSpace, actor: Actor, clock: Clock): Steps<void> {
  yield* transact(space, actor, clock, function* () {
    const { memories, chunks } = space.index;
    const drop = space.write("DELETE FROM names WHERE id = ?");
    const slice = makeSlicer();
    for (const id of space.write("SELECT id FROM stale_names").pluck().all() as number[]) {
      yield* slice();
      if (!memories.holds(id) && !chunks.holds(id)) drop.run(id);
    }
    space.write("DELETE FROM stale_names").run();
    space.write("INSERT INTO meta (key, value) VALUES ('lexicon_epoch', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1").run();
  });
}

/** Erases a memory's content from rows, indexes and log; numbers remain, so that replicas and processes hear of it. */
export const purgeMemory = (context: WriteContext, stored: StoredMemory): void => {
  const { space } = context;
  space.write("UPDATE changes SET fields = NULL, overwrites = NULL WHERE subject = ?").run(stored.memory.id);
  const seq = context.log.append({ kind: "purge", subject: stored.memory.id, version: stored.memory.version + 1, fields: {}, overwrites: null });
  space.write("UPDATE changes SET fields = NULL WHERE seq = ?").run(seq);
  const docs = space.write("SELECT n, entry FROM docs WHERE owner = ? AND kind = ?").all(stored.row, docKind.memory) as { n: number; entry: Uint8Array | null }[];
  for (const { n } of docs) eraseDocument(space, n, seq);
  noteWords(space, docs.flatMap(({ entry }) => (entry === null ? [] : [entry])));
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
    if (stored === null || (stored.state !== memoryState.live && !options.purge)) throw notFound(id);
    checkVersion(stored, options.expectedVersion);
    if (options.purge) purgeMemory(context, stored);
    else deleteMemory(context, stored);
  });
  if (options.purge) yield* dropWords(space, actor, clock);
}

export function* restore(space: OpenSpace, actor: Actor, clock: Clock, id: string, version: number | undefined): Steps<Memory> {
  return yield* transact(space, actor, clock, function* (context) {
    const stored = findById(space, id);
    if (stored === null) throw notFound(id);
    const versions = versionsOf(space.write, space.id, id);
    const wanted = version === undefined ? versions.findLast((one) => one.kind !== "delete") : versions.find((one) => one.version === version);
    if (wanted === undefined) {
      throw new CairnError("memory.version_not_found", `This memory has versions 1 to ${stored.memory.version}.`, { currentVersion: stored.memory.version });
    }
    const { memory } = wanted;
    checkKey(space, memory.key, stored.row);
    const after: Memory = {
      ...memory,
      supersededBy: null,
      version: stored.memory.version + 1,
      updatedAt: context.now,
      updatedBy: actor.principal,
    };
    // The wanted version's own vectors are still there: old versions answer questions about the past.
    const doc = space.write("SELECT n FROM docs WHERE owner = ? AND kind = ? AND version <= ? AND entry IS NOT NULL ORDER BY version DESC, n DESC LIMIT 1")
      .pluck()
      .get(stored.row, docKind.memory, memory.version) as number | undefined;
    return replaceMemory(context, stored, after, "restore", doc ?? stored.doc).memory;
  });
}
