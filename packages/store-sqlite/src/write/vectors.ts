/** Vectors that come later than their memory, and the model that all vectors of a space belong to. */
import type { Clock } from "@cairn/kernel/clock";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import type { Actor, MissingVectors } from "@cairn/memory/space/engine";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc } from "../space/space-index.ts";
import { findById, memoryState, replaceMemory } from "./memory-writer.ts";
import { type Steps, transact } from "./transaction.ts";

export const missingVectors = (space: OpenSpace, limit: number): readonly MissingVectors[] =>
  (
    space
      .read(
        `SELECT id, version, content, author, occurred_at FROM memories
         WHERE state = 0 AND NOT EXISTS (SELECT 1 FROM v WHERE v.id = doc * ${chunksPerDoc}) ORDER BY row LIMIT ?`,
      )
      .all(limit) as {
      id: string;
      version: number;
      content: string;
      author: string | null;
      occurred_at: number | null;
    }[]
  ).map((row) => ({
    id: row.id,
    version: row.version,
    passage: { content: row.content, author: row.author, occurredAt: row.occurred_at },
  }));

/** The index learns of vectors with their document only, so the same version gets a new document. */
export function* setVectors(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  id: string,
  version: number,
  vectors: PassageVectors,
): Steps<boolean> {
  return yield* transact(space, actor, clock, function* (context) {
    const stored = findById(space, id);
    if (stored === null || stored.state !== memoryState.live || stored.memory.version !== version) return false;
    replaceMemory(context, stored, stored.memory, "update", vectors);
    return true;
  });
}

/** The model whose vectors the space holds; null while it holds none. */
export const modelOf = (space: OpenSpace): string | null =>
  (space.read("SELECT value FROM meta WHERE key = 'embedding_model'").pluck().get() as string | undefined) ?? null;

/** The version of the analyzer whose terms the space holds; the current one while it holds none. */
export const analyzerOf = (space: OpenSpace): string =>
  (space.read("SELECT value FROM meta WHERE key = 'analyzer'").pluck().get() as string | undefined) ??
  String(analyzerVersion);

/** Notes that all terms of the space are the current analyzer's; inside a write transaction. */
export const noteAnalyzer = (space: OpenSpace): void => {
  space
    .write(
      "INSERT INTO meta (key, value) VALUES ('analyzer', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .run(String(analyzerVersion));
};

/**
 * Drops all vectors of another model and binds the space to this one; memories then count as missing theirs. Does
 * nothing when the space is no longer bound to `seen`: another process was first.
 */
export function* adoptModel(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  model: string,
  seen: string | null,
): Steps<void> {
  yield* transact(space, actor, clock, function* () {
    if (modelOf(space) !== seen) return;
    if (seen === null) noteAnalyzer(space);
    space.write("DELETE FROM q8").run();
    space.write("DELETE FROM v").run();
    space
      .write(
        "INSERT INTO meta (key, value) VALUES ('embedding_model', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      )
      .run(model);
  });
}
