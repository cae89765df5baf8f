/** Changing what is stored: update, correct, forget, restore, purge. */
import { CairnError } from "@cairn/kernel/error";
import type { Memory } from "../memory/memory.ts";
import { readMemory } from "../memory/reading.ts";
import type { Correction, MemoryUpdate } from "../space/engine.ts";
import { foldVersions } from "../space/memory-versions.ts";
import { quarantineOf } from "../trust/quarantine.ts";
import type { WriteContext } from "./context.ts";
import { eraseDocument } from "./document.ts";
import { dropKnowledge } from "./knowledge.ts";
import { insertMemory, replaceMemory, retireMemory } from "./memory-writer.ts";
import { checkKey, checkVersion, nextVersion } from "./remember.ts";
import { docKind, memoryState, type StoredMemory } from "./write-store.ts";

export const notFound = (id: string): CairnError =>
  new CairnError("memory.not_found", `Memory ${id.slice(0, 64)} not found`, {
    hint: "Recall it by its text, or list memories to see ids.",
  });

const isExpired = ({ memory }: StoredMemory, now: number): boolean =>
  memory.expiresAt !== null && memory.expiresAt <= now;

/** What has expired counts as gone, whether or not a sweep has come by. */
const liveById = ({ store, now }: WriteContext, id: string): StoredMemory => {
  const stored = store.findById(id);
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

export const update = (context: WriteContext, change: MemoryUpdate): Memory => {
  const stored = liveById(context, change.id);
  checkVersion(stored, change.expectedVersion);
  checkKey(context.store, change.fields.key, stored.row);
  return replaceMemory(
    context,
    stored,
    nextVersion(context, stored, change.fields),
    "update",
    change.vectors === undefined ? stored.doc : { ...change, vectors: change.vectors },
  ).memory;
};

/** Lets recall find what was held back; the log tells who did it. */
export const release = (context: WriteContext, id: string, expectedVersion: number | undefined): Memory => {
  const stored = liveById(context, id);
  checkVersion(stored, expectedVersion);
  if (stored.memory.quarantined === null) return stored.memory;
  const after = { ...nextVersion(context, stored, {}), quarantined: null };
  return replaceMemory(context, stored, after, "release", stored.doc).memory;
};

export const correct = (context: WriteContext, correction: Correction): Memory => {
  const { actor, now } = context;
  const original = liveById(context, correction.originalId);
  checkKey(context.store, correction.fields.key, original.row);
  const id = context.newId();
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
    createdAt: now,
    createdBy: actor.principal,
    updatedAt: now,
    updatedBy: actor.principal,
    quarantined: quarantineOf(fields, now),
  };
  return insertMemory(context, corrected, correction, readMemory(corrected)).stored.memory;
};

/** Erases a memory's content from rows, indexes and log; numbers remain, so that replicas and processes hear of it. */
export const purgeMemory = (context: WriteContext, { row, memory }: StoredMemory): void => {
  const { store } = context;
  store.eraseChanges(memory.id);
  const seq = context.log.append({
    kind: "purge",
    subject: memory.id,
    version: memory.version + 1,
    fields: null,
    overwrites: null,
  });
  const docs = store.documentsOf(row, docKind.memory);
  for (const { n } of docs) eraseDocument(store, n, seq);
  store.noteErased(docs.flatMap(({ entry }) => entry ?? []));
  dropKnowledge(store, row);
  store.setTags(row, []);
  store.deleteMemory(row);
};

export const deleteMemory = (context: WriteContext, stored: StoredMemory): void =>
  retireMemory(context, stored, nextVersion(context, stored, {}), "delete");

export const forget = (
  context: WriteContext,
  id: string,
  { purge, expectedVersion }: { readonly purge: boolean; readonly expectedVersion?: number },
): void => {
  const stored = context.store.findById(id);
  const gone = stored?.state === memoryState.deleted || (stored !== null && isExpired(stored, context.now));
  if (stored === null || (gone && !purge)) throw notFound(id);
  checkVersion(stored, expectedVersion);
  if (purge) purgeMemory(context, stored);
  else deleteMemory(context, stored);
};

export const restore = (context: WriteContext, id: string, version: number | undefined): Memory => {
  const { store, now } = context;
  const stored = store.findById(id);
  if (stored === null) throw notFound(id);
  const versions = foldVersions(context.space, id, store.changesOf(id));
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
  checkKey(store, memory.key, stored.row);
  const after: Memory = {
    ...memory,
    // Who brings back what had expired wants to read it.
    ...(memory.expiresAt !== null && memory.expiresAt <= now && { expiresAt: null, decay: null }),
    supersededBy: null,
    // A version from before texts were examined is examined now, unless someone has released the memory since.
    quarantined:
      memory.quarantined ?? (versions.some(({ kind }) => kind === "release") ? null : quarantineOf(memory, now)),
    version: stored.memory.version + 1,
    updatedAt: now,
    updatedBy: context.actor.principal,
  };
  // The wanted version's own vectors are still there: old versions answer questions about the past.
  const doc = store
    .documentsOf(stored.row, docKind.memory)
    .filter((one) => one.entry !== null && one.version <= memory.version)
    .toSorted((one, other) => other.version - one.version || other.n - one.n)[0];
  return replaceMemory(context, stored, after, "restore", doc?.n ?? stored.doc).memory;
};
