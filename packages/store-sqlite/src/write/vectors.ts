/** Vectors that come later than their text, and the model that a new space becomes of. */
import type { Clock } from "@cairn/kernel/clock";
import type { Actor, DocumentVectors } from "@cairn/memory/space/engine";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import type { Steps } from "@cairn/memory/write/context";
import { takeVectors } from "@cairn/memory/write/document-vectors";
import type { OpenSpace } from "../space/open-space.ts";
import { modelsOf, noteModel } from "../space/space-models.ts";
import { transact } from "./transaction.ts";

/** Texts are committed in portions, so that no lock is held for long. */
const portion = 200;

/** Every process hears of vectors of the space's own model by `late_vectors`; the log says nothing of them. */
export function* setVectors(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  model: string,
  items: readonly DocumentVectors[],
): Steps<number> {
  let taken = 0;
  for (let from = 0; from < items.length; from += portion) {
    const some = items.slice(from, from + portion);
    taken += yield* transact(space, actor, clock, (context) => takeVectors(context, model, some));
  }
  return taken;
}

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

/** Whether nothing has been written yet, so that nobody has said which model the space is of. */
export const isUnbound = (space: OpenSpace): boolean => modelsOf(space.read).own === null;

/** Makes a new space one of the engine's model; does nothing when another process was first. */
export function* bindModel(space: OpenSpace, actor: Actor, clock: Clock): Steps<void> {
  yield* transact(space, actor, clock, function* () {
    if (modelsOf(space.write).own !== null) return;
    noteAnalyzer(space);
    // What vectors there might be are of nobody knows which model.
    for (const table of ["q8", "v"]) space.write(`DELETE FROM ${table}`).run();
    noteModel(space.write, "embedding", space.model);
  });
}
