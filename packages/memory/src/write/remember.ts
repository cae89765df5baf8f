/** Storing memories: named keys, duplicates, imports with their own identity, contradictions; one or many at a time. */
import { CairnError, type FieldProblem, isCairnError, plainError } from "@cairn/kernel/error";
import { areNearDuplicates, nearDuplicateCosine } from "../memory/duplicate.ts";
import type { Memory, MemoryFields } from "../memory/memory.ts";
import { readMemory } from "../memory/reading.ts";
import type { Sameness } from "../memory/sameness.ts";
import { quarantineAfter, quarantineOf } from "../trust/quarantine.ts";
import type { ModelVectors, RememberItem, RememberOutcome } from "../space/engine.ts";
import { makeSlicer, type Steps, type WriteContext } from "./context.ts";
import { areOwn, checkVectors } from "./document-vectors.ts";
import { insertMemory, replaceMemory, retireMemory } from "./memory-writer.ts";
import { memoryState, type StoredMemory, type WriteStore } from "./write-store.ts";

const versionConflict = (stored: StoredMemory): CairnError =>
  new CairnError("memory.version_conflict", `The memory has moved on: its version is ${stored.memory.version}.`, {
    currentVersion: stored.memory.version,
    hint: "Read it again and repeat the change on the current version.",
  });

export const checkVersion = (stored: StoredMemory, expected: number | undefined): void => {
  if (expected !== undefined && expected !== stored.memory.version) throw versionConflict(stored);
};

/** A named key belongs to one live memory: taking another's is a conflict. */
export const checkKey = (store: WriteStore, key: string | null | undefined, row: number): void => {
  if (key === null || key === undefined) return;
  const holder = store.findByKey(key);
  if (holder !== null && holder.row !== row) {
    throw new CairnError("memory.version_conflict", "Another memory has this key.", {
      currentVersion: holder.memory.version,
      hint: `It is ${holder.memory.id}.`,
    });
  }
};

const newMemory = (context: WriteContext, item: RememberItem): Memory => {
  const { imported } = item;
  return {
    ...item.fields,
    id: imported?.id ?? context.newId(),
    space: context.space,
    sourceInstance: imported?.sourceInstance ?? context.actor.instance,
    version: 1,
    supersedes: imported?.supersedes ?? null,
    supersededBy: null,
    createdAt: imported?.createdAt ?? context.now,
    createdBy: context.actor.principal,
    updatedAt: imported?.updatedAt ?? context.now,
    updatedBy: context.actor.principal,
    quarantined: quarantineOf(item.fields, context.now),
  };
};

export const nextVersion = (context: WriteContext, stored: StoredMemory, fields: Partial<MemoryFields>): Memory => {
  const after = { ...stored.memory, ...fields };
  return {
    ...after,
    version: stored.memory.version + 1,
    updatedAt: context.now,
    updatedBy: context.actor.principal,
    quarantined: quarantineAfter(stored.memory, after, context.now),
  };
};

/** Null where there is nothing to compare with. */
const cosineWith = (store: WriteStore, doc: number, vector: Float32Array): number | null => {
  const other = store.firstVector(doc);
  if (other === null || other.length !== vector.length) return null;
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += vector[at]! * other[at]!;
  return sum;
};

/**
 * The live memory that says the same, or null. Texts that no vector tells apart count by their words alone. What is
 * held back does not keep out the same words from someone who is believed.
 */
const findDuplicate = (
  context: WriteContext,
  { content, quarantined }: Pick<Memory, "content" | "quarantined">,
  sameness: Sameness,
  given: ModelVectors,
): string | null => {
  const { store, now } = context;
  const standing = { now, trusted: quarantined === null };
  const exact = store.identical(sameness.identity, standing);
  if (exact !== null) return exact;
  const vector = areOwn(context, given) ? given.vectors[0] : undefined;
  for (const other of store.lookAlikes(sameness.near, standing)) {
    const cosine = (vector === undefined ? null : cosineWith(store, other.doc, vector)) ?? nearDuplicateCosine;
    if (areNearDuplicates({ content }, { content: other.content }, cosine)) return other.id;
  }
  return null;
};

const supersede = (context: WriteContext, old: StoredMemory, by: string): void =>
  retireMemory(context, old, { ...nextVersion(context, old, {}), supersededBy: by }, "supersede");

/** What an import says supersedes what, whichever of the two comes first. */
const linkSuperseded = (context: WriteContext, stored: StoredMemory): void => {
  const { store } = context;
  const original = stored.memory.supersedes === null ? null : store.findById(stored.memory.supersedes);
  if (original !== null && original.state === memoryState.live && original.row !== stored.row)
    supersede(context, original, stored.memory.id);
  const correction = store.correctionOf(stored.memory.id, stored.row);
  if (correction !== null) supersede(context, stored, correction);
};

const rememberImported = (context: WriteContext, item: RememberItem, existing: StoredMemory): RememberOutcome => {
  const { imported } = item;
  const older = (imported?.updatedAt ?? 0) <= existing.memory.updatedAt;
  const { state, memory: before } = existing;
  const deleted = state === memoryState.deleted;
  const keeps = imported?.onConflict === "skip" || (imported?.onConflict === "merge" && older);
  // What was corrected here stays corrected, whatever an import brings.
  if (state === memoryState.superseded || (!deleted && keeps)) return { status: "skipped", id: before.id };
  checkKey(context.store, item.fields.key, existing.row);
  const stored = replaceMemory(
    context,
    existing,
    nextVersion(context, existing, item.fields),
    deleted ? "restore" : "update",
    item,
  );
  return { status: "updated", memory: stored.memory, conflicts: context.store.conflictsOf(stored.row) };
};

const insertNew = (
  context: WriteContext,
  memory: Memory,
  item: RememberItem,
  reading = readMemory(item.fields),
): RememberOutcome => {
  const { stored, contradicted } = insertMemory(context, memory, item, reading);
  if (item.imported !== undefined) linkSuperseded(context, stored);
  return {
    status: "stored",
    memory: stored.memory,
    conflicts: contradicted ? context.store.conflictsOf(stored.row) : [],
  };
};

/** A named key writes to the memory that has it, unless an import says that one of the two corrected the other. */
const rememberNamed = (context: WriteContext, item: RememberItem, named: StoredMemory): RememberOutcome => {
  const { imported } = item;
  if (imported?.id !== undefined && imported.supersedes === named.memory.id) {
    supersede(context, named, imported.id);
    return insertNew(context, newMemory(context, item), item);
  }
  if (imported?.id !== undefined && named.memory.supersedes === imported.id) {
    // The key is its correction's by now.
    return insertNew(context, { ...newMemory(context, item), key: null }, item);
  }
  if (imported !== undefined) return rememberImported(context, item, named);
  checkVersion(named, item.expectedVersion);
  const stored = replaceMemory(context, named, nextVersion(context, named, item.fields), "update", item);
  return { status: "updated", memory: stored.memory, conflicts: context.store.conflictsOf(stored.row) };
};

/** Everything that may be refused is refused before the first row is written. */
const rememberOne = (context: WriteContext, item: RememberItem): RememberOutcome => {
  const { store } = context;
  const { fields, imported } = item;
  checkVectors(context, item);
  const known = imported?.id === undefined ? null : store.findById(imported.id);
  if (known !== null) return rememberImported(context, item, known);
  const named = fields.key === null ? null : store.findByKey(fields.key);
  if (named !== null) return rememberNamed(context, item, named);
  const reading = item.reading ?? readMemory(fields);
  const memory = newMemory(context, item);
  if (!item.skipDedup && fields.key === null) {
    const duplicateOf = findDuplicate(context, memory, reading.sameness, item);
    if (duplicateOf !== null) return { status: "duplicate", duplicateOf };
  }
  return insertNew(context, memory, item, reading);
};

export function* rememberAll(context: WriteContext, items: readonly RememberItem[]): Steps<RememberOutcome[]> {
  const outcomes: RememberOutcome[] = [];
  const slice = makeSlicer();
  for (const item of items) {
    yield* slice();
    try {
      outcomes.push(rememberOne(context, item));
    } catch (error) {
      // Coded errors are raised before anything of the item is written; everything else ends the transaction.
      if (!isCairnError(error)) throw error;
      outcomes.push({ status: "failed", error: plainError(error) });
    }
  }
  return outcomes;
}

const problemsOf = (outcomes: readonly RememberOutcome[]): readonly FieldProblem[] =>
  outcomes.flatMap((outcome, at) =>
    outcome.status === "failed"
      ? [{ path: `memories.${at}`, code: outcome.error.code, message: outcome.error.message }]
      : [],
  );

/** All or nothing: throws memory.batch_rejected with the problems of each item. */
export function* rememberTogether(context: WriteContext, items: readonly RememberItem[]): Steps<RememberOutcome[]> {
  const outcomes = yield* rememberAll(context, items);
  const problems = problemsOf(outcomes);
  if (problems.length === 0) return outcomes;
  throw new CairnError(
    "memory.batch_rejected",
    `Nothing was stored: ${problems.length} of ${items.length} memories cannot be.`,
    { problems },
  );
}
