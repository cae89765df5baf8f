/**
 * Changing a space's model while it is used (EMB-6). The next model's vectors are made beside those that serve; when no
 * text lacks one, one short transaction lets the two sets of tables change names and raises the epoch, by which every
 * process reads its vectors anew. Everything that says how far the change has come is in the file: after a crash it
 * goes on, and two processes that do it at once do the same.
 *
 * What the earlier model leaves is removed a little at a time afterwards, because SQLite overwrites what is deleted,
 * which takes seconds in a large space.
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Actor } from "@cairn/memory/space/engine";
import { makeSlicer, type Steps } from "@cairn/memory/write/context";
import { mostDimensions } from "@cairn/store/arena/quantize";
import type { OpenSpace } from "../space/open-space.ts";
import { modelsOf, noteModel, raiseEpoch, tablesOf } from "../space/space-models.ts";
import { rankInSql } from "./store/vectors.ts";
import { transact } from "./transaction.ts";

const remains = ["old_v", "old_q8"] as const;
const removedAtOnce = 2_000;
const removedPerStatement = 50;
const notedPerStatement = 1_000;

const holdsRows = (space: OpenSpace, table: string): boolean =>
  space.write(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined;

/** Removes some of what an earlier model left; false when nothing is left. */
export function* dropRemains(space: OpenSpace, actor: Actor, clock: Clock): Steps<boolean> {
  // Looked at outside a transaction first: with nothing to do it takes no lock.
  if (space.writer.readonly || !remains.some((table) => holdsRows(space, table))) return false;
  return yield* transact(space, actor, clock, function* () {
    const slice = makeSlicer();
    for (const table of remains) {
      const some = space.write(
        `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY id LIMIT ${removedPerStatement})`,
      );
      for (let removed = 0; removed < removedAtOnce; removed += removedPerStatement) {
        yield* slice();
        if (some.run().changes === 0) break;
      }
    }
    return remains.some((table) => holdsRows(space, table));
  });
}

/** Before tables can be set aside, those set aside earlier must be empty. */
function* makeRoom(space: OpenSpace, actor: Actor, clock: Clock): Steps<void> {
  while (yield* dropRemains(space, actor, clock));
}

const renameTable = (space: OpenSpace, from: string, to: string): void => {
  space.writer.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
};

/** Lets the tables of the next model begin empty; what they held is removed later. Needs `makeRoom` before. */
const setAsideNext = (space: OpenSpace): void => {
  for (const [table, old] of [
    [tablesOf.next.q8, "old_q8"],
    [tablesOf.next.v, "old_v"],
  ] as const) {
    if (!holdsRows(space, table)) continue;
    renameTable(space, old, "spare");
    renameTable(space, table, old);
    renameTable(space, "spare", table);
  }
};

const forgetNext = (space: OpenSpace): void => {
  setAsideNext(space);
  noteModel(space.write, "next", null);
  for (const table of ["awaiting_vectors", "wordless"]) space.write(`DELETE FROM ${table} WHERE next = 1`).run();
};

const checkModel = ({ id, dimensions }: EmbeddingModel): void => {
  const sound = id !== "" && Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= mostDimensions;
  if (sound) return;
  throw new CairnError("request.invalid", `A model has a name and 1 to ${mostDimensions} dimensions.`);
};

export function* prepareModel(space: OpenSpace, actor: Actor, clock: Clock, model: EmbeddingModel): Steps<void> {
  checkModel(model);
  const isUnderWay = (): boolean => {
    const { own, next } = modelsOf(space.write);
    if (own?.id === model.id) return next === null;
    return next?.id === model.id && next.dimensions === model.dimensions;
  };
  if (isUnderWay()) return;
  for (let done = false; !done;) {
    yield* makeRoom(space, actor, clock);
    done = yield* transact(space, actor, clock, function* () {
      // Another process may have been first, or have left something behind meanwhile.
      if (isUnderWay()) return true;
      if (remains.some((table) => holdsRows(space, table))) return false;
      const slice = makeSlicer();
      forgetNext(space);
      if (modelsOf(space.write).own?.id === model.id) return true;
      noteModel(space.write, "next", model);
      const last = Number(space.write("SELECT max(n) FROM docs").pluck().get() ?? 0);
      const note = space.write(
        `INSERT INTO awaiting_vectors (next, rank, doc) SELECT 1, ${rankInSql}, n FROM docs WHERE n > ? AND n <= ? AND entry IS NOT NULL`,
      );
      for (let from = 0; from < last; from += notedPerStatement) {
        yield* slice();
        note.run(from, from + notedPerStatement);
      }
      return true;
    });
  }
}

/** True when questions are compared in `model` afterwards; also when they were already. */
export function* switchModel(space: OpenSpace, actor: Actor, clock: Clock, model: string): Steps<boolean> {
  const isComplete = (): boolean =>
    modelsOf(space.write).next?.id === model &&
    space.write("SELECT 1 FROM awaiting_vectors WHERE next = 1 LIMIT 1").get() === undefined;
  for (;;) {
    if (modelsOf(space.write).own?.id === model) return true;
    if (!isComplete()) return false;
    yield* makeRoom(space, actor, clock);
    const done = yield* transact(space, actor, clock, function* () {
      // Something may have been written, or another process been first, before this one had the lock.
      const { next } = modelsOf(space.write);
      if (next === null || !isComplete() || remains.some((table) => holdsRows(space, table))) return false;
      for (const [own, old, made] of [
        [tablesOf.own.q8, "old_q8", tablesOf.next.q8],
        [tablesOf.own.v, "old_v", tablesOf.next.v],
      ] as const) {
        renameTable(space, old, "spare");
        renameTable(space, own, old);
        renameTable(space, made, own);
        renameTable(space, "spare", made);
      }
      for (const table of ["awaiting_vectors", "wordless"]) {
        space.write(`DELETE FROM ${table} WHERE next = 0`).run();
        space.write(`UPDATE ${table} SET next = 0 WHERE next = 1`).run();
      }
      // Every process reads all vectors anew: what came late before this is among them.
      space.write("DELETE FROM late_vectors").run();
      noteModel(space.write, "embedding", next);
      noteModel(space.write, "next", null);
      raiseEpoch(space.write);
      return true;
    });
    if (done) return true;
  }
}
