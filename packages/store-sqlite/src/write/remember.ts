/** Storing memories: named keys, duplicates, imports with their own identity, contradictions; one or many at a time. */
import { CairnError, type FieldProblem, isCairnError, plainError } from "@cairn/kernel/error";
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import { areNearDuplicates, nearDuplicateCosine } from "@cairn/memory/memory/duplicate";
import type { Memory, MemoryFields } from "@cairn/memory/memory/memory";
import { readMemory } from "@cairn/memory/memory/reading";
import type { Sameness } from "@cairn/memory/memory/sameness";
import { quarantineAfter, quarantineOf } from "@cairn/memory/trust/quarantine";
import type { Actor, ModelVectors, RememberItem, RememberOutcome } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc } from "../space/space-index.ts";
import { areOwn, checkVectors } from "./document-vectors.ts";
import {
  findById,
  findByKey,
  insertMemory,
  memoryState,
  replaceMemory,
  retireMemory,
  type StoredMemory,
} from "./memory-writer.ts";
import { makeSlicer, type Steps, transact, type WriteContext } from "./transaction.ts";

/** Items of a batch that is not atomic are committed in portions, so that no lock is held for long. */
const portion = 500;

const versionConflict = (stored: StoredMemory): CairnError =>
  new CairnError("memory.version_conflict", `The memory has moved on: its version is ${stored.memory.version}.`, {
    currentVersion: stored.memory.version,
    hint: "Read it again and repeat the change on the current version.",
  });

export const checkVersion = (stored: StoredMemory, expected: number | undefined): void => {
  if (expected !== undefined && expected !== stored.memory.version) throw versionConflict(stored);
};

/** A named key belongs to one live memory: taking another's is a conflict. */
export const checkKey = (space: OpenSpace, key: string | null | undefined, row: number): void => {
  if (key === null || key === undefined) return;
  const holder = findByKey(space, key);
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
    id: imported?.id ?? newId(),
    space: context.space.id,
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
const cosineWith = (space: OpenSpace, doc: number, vector: Float32Array): number | null => {
  const bytes = space
    .write("SELECT f32 FROM v WHERE id = ?")
    .pluck()
    .get(doc * chunksPerDoc) as Uint8Array | undefined;
  if (bytes === undefined || bytes.byteLength !== vector.byteLength) return null;
  const other = new Float32Array(bytes.slice().buffer);
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += vector[at]! * other[at]!;
  return sum;
};

interface LookAlike {
  readonly id: string;
  readonly doc: number;
  readonly content: string;
}

/**
 * The live memory that says the same, or null. Texts that no vector tells apart count by their words alone. What is
 * held back does not keep out the same words from someone who is believed.
 */
const findDuplicate = (
  { space, now }: WriteContext,
  { content, quarantined }: Pick<Memory, "content" | "quarantined">,
  sameness: Sameness,
  given: ModelVectors,
): string | null => {
  const trusted = quarantined === null ? "AND quarantine IS NULL " : "";
  const standing = `state = 0 AND (expires_at IS NULL OR expires_at > ?) ${trusted}ORDER BY row`;
  const exact = space
    .write(`SELECT id FROM memories WHERE identity = ? AND ${standing} LIMIT 1`)
    .pluck()
    .get(sameness.identity, now);
  if (typeof exact === "string") return exact;
  const near = space
    .write(`SELECT id, doc, content FROM memories WHERE near = ? AND ${standing} LIMIT 8`)
    .all(sameness.near, now) as LookAlike[];
  const vector = areOwn(space, given) ? given.vectors[0] : undefined;
  for (const other of near) {
    const cosine = (vector === undefined ? null : cosineWith(space, other.doc, vector)) ?? nearDuplicateCosine;
    if (areNearDuplicates({ content }, { content: other.content }, cosine)) return other.id;
  }
  return null;
};

const conflictsOf = (space: OpenSpace, row: number): readonly string[] =>
  space
    .write(
      "SELECT m.id FROM conflicts c JOIN memories m ON m.row = c.other WHERE c.memory = ? AND m.state = 0 AND m.quarantine IS NULL ORDER BY m.row LIMIT 32",
    )
    .pluck()
    .all(row) as string[];

const supersede = (context: WriteContext, old: StoredMemory, by: string): void =>
  retireMemory(context, old, { ...nextVersion(context, old, {}), supersededBy: by }, "supersede");

/** What an import says supersedes what, whichever of the two comes first. */
const linkSuperseded = (context: WriteContext, stored: StoredMemory): void => {
  const { space } = context;
  const original = stored.memory.supersedes === null ? null : findById(space, stored.memory.supersedes);
  if (original !== null && original.state === memoryState.live && original.row !== stored.row)
    supersede(context, original, stored.memory.id);
  const correction = space
    .write("SELECT id FROM memories WHERE supersedes = ? AND row <> ? AND state = 0 LIMIT 1")
    .pluck()
    .get(stored.memory.id, stored.row);
  if (typeof correction === "string") supersede(context, stored, correction);
};

const rememberImported = (context: WriteContext, item: RememberItem, existing: StoredMemory): RememberOutcome => {
  const { imported } = item;
  const older = (imported?.updatedAt ?? 0) <= existing.memory.updatedAt;
  const { state, memory: before } = existing;
  const deleted = state === memoryState.deleted;
  const keeps = imported?.onConflict === "skip" || (imported?.onConflict === "merge" && older);
  // What was corrected here stays corrected, whatever an import brings.
  if (state === memoryState.superseded || (!deleted && keeps)) return { status: "skipped", id: before.id };
  checkKey(context.space, item.fields.key, existing.row);
  const stored = replaceMemory(
    context,
    existing,
    nextVersion(context, existing, item.fields),
    deleted ? "restore" : "update",
    item,
  );
  return { status: "updated", memory: stored.memory, conflicts: conflictsOf(context.space, stored.row) };
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
    conflicts: contradicted ? conflictsOf(context.space, stored.row) : [],
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
  return { status: "updated", memory: stored.memory, conflicts: conflictsOf(context.space, stored.row) };
};

/** Everything that may be refused is refused before the first row is written. */
const rememberOne = (context: WriteContext, item: RememberItem): RememberOutcome => {
  const { space } = context;
  const { fields, imported } = item;
  checkVectors(space, item);
  const known = imported?.id === undefined ? null : findById(space, imported.id);
  if (known !== null) return rememberImported(context, item, known);
  const named = fields.key === null ? null : findByKey(space, fields.key);
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

export function* remember(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  items: readonly RememberItem[],
  atomic: boolean,
): Steps<readonly RememberOutcome[]> {
  if (atomic) {
    return yield* transact(space, actor, clock, function* (context) {
      const outcomes = yield* rememberAll(context, items);
      const problems = problemsOf(outcomes);
      if (problems.length > 0)
        throw new CairnError(
          "memory.batch_rejected",
          `Nothing was stored: ${problems.length} of ${items.length} memories cannot be.`,
          { problems },
        );
      return outcomes;
    });
  }
  const outcomes: RememberOutcome[] = [];
  for (let from = 0; from < items.length; from += portion) {
    const some = items.slice(from, from + portion);
    try {
      outcomes.push(...(yield* transact(space, actor, clock, (context) => rememberAll(context, some))));
    } catch (error) {
      // What earlier portions stored must be told, so that a call half done does not look like one that did nothing.
      if (from === 0) throw error;
      outcomes.push(...items.slice(from).map(() => ({ status: "failed" as const, error: plainError(error) })));
      break;
    }
  }
  return outcomes;
}
