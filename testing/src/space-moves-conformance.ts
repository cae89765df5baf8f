/** What every `SpaceDirectory` promises about cells and moves between them (ENG-8). */
import type { MoveStep } from "@cairn/directory/placement";
import { defaultSpaceId, type SpaceDirectory, type SpaceRecord } from "@cairn/directory/space-directory";
import { describe, expect, test } from "vitest";
import type { DirectorySetup } from "./space-directory-conformance.ts";

const advance = async (
  directory: SpaceDirectory,
  before: SpaceRecord,
  ...steps: readonly MoveStep[]
): Promise<SpaceRecord> => {
  let record = before;
  for (const step of steps) {
    const next = await directory.advanceMove(record, step);
    expect(next).not.toBeNull();
    record = next!;
  }
  return record;
};

const start: MoveStep = { kind: "start", to: "north-2" };
const [pause, resume, change, abandon, finish] = (["pause", "resume", "switch", "abandon", "finish"] as const).map(
  (kind): MoveStep => ({ kind }),
) as [MoveStep, MoveStep, MoveStep, MoveStep, MoveStep];

export const describeMoves = (setUp: () => Promise<DirectorySetup>): void => {
  describe("ENG-8 cells", () => {
    test("serve a space from the one it was made in, else from the default one", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      expect(await directory.resolve(defaultSpaceId)).toMatchObject({ cell: null, epoch: 0, move: null });
      const made = await directory.create({ name: "placed", description: null, cell: "north-2" });
      expect(made).toMatchObject({ cell: "north-2", epoch: 0, move: null });
      expect(await setup.open().resolve("placed")).toEqual(made);
      expect(await directory.update(made.id, { name: "renamed" })).toMatchObject({ cell: "north-2", epoch: 0 });
    });

    test.each(["", "North", "a b", "x".repeat(64), "-a", "a'b"])("are not called %j", async (cell) => {
      await using setup = await setUp();
      const directory = setup.open();
      await expect(directory.create({ name: "x", description: null, cell })).rejects.toMatchObject({
        code: "request.invalid",
      });
      const made = await directory.create({ name: "x", description: null });
      await expect(directory.advanceMove(made, { kind: "start", to: cell })).rejects.toMatchObject({
        code: "request.invalid",
      });
    });

    test("change in a move, whose every step raises the space's epoch and is seen by others", async () => {
      await using setup = await setUp();
      const [directory, other] = [setup.open(), setup.open()];
      const made = await directory.create({ name: "moved", description: null });
      await other.resolve(made.id);
      const copying = await advance(directory, made, start);
      const startedAt = copying.move!.startedAt;
      expect(copying).toMatchObject({ cell: null, epoch: 1, updatedAt: made.updatedAt });
      expect(copying.move).toEqual({ from: null, to: "north-2", phase: "copying", startedAt });
      const paused = await advance(directory, copying, pause);
      expect(paused).toMatchObject({ cell: null, epoch: 2, move: { phase: "paused", startedAt } });
      await setup.caughtUp?.(other);
      expect(await other.resolve(made.id)).toEqual(paused);
      const switched = await advance(other, paused, change);
      expect(switched).toMatchObject({ cell: "north-2", epoch: 3, move: { from: null, phase: "clearing" } });
      await setup.caughtUp?.(directory);
      expect(await directory.resolve("moved")).toEqual(switched);
      expect(await advance(directory, switched, finish)).toMatchObject({ cell: "north-2", epoch: 4, move: null });
    });

    test("are as before when a move is abandoned, also a paused one", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "kept", description: null, cell: "south" });
      const once = await advance(directory, made, start, abandon);
      expect(once).toMatchObject({ cell: "south", epoch: 2, move: null });
      const back: MoveStep = { kind: "start", to: null };
      expect(await advance(directory, once, back, pause, resume, pause, abandon)).toMatchObject({
        cell: "south",
        epoch: 7,
        move: null,
      });
    });

    test("take no step out of turn", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "turns", description: null, cell: "south" });
      const refused = async (record: SpaceRecord, ...steps: readonly MoveStep[]): Promise<void> => {
        for (const step of steps) {
          await expect(directory.advanceMove(record, step)).rejects.toMatchObject({ code: "request.invalid" });
        }
        expect(await directory.resolve(record.id)).toEqual(record);
      };
      await refused(made, { kind: "start", to: "south" }, pause, resume, change, abandon, finish);
      const copying = await advance(directory, made, start);
      await refused(copying, start, resume, change, finish);
      const paused = await advance(directory, copying, pause);
      await refused(paused, start, pause, finish);
      await refused(await advance(directory, paused, change), start, pause, resume, change, abandon);
    });

    test("let one of several movers take a step, and tell the others that they came late", async () => {
      await using setup = await setUp();
      const handles = [setup.open(), setup.open(), setup.open()];
      const made = await handles[0]!.create({ name: "wanted", description: null });
      const cells = ["a", "b", "c", "d", "e", "f"];
      const outcomes = await Promise.all(
        cells.map((to, index) => handles[index % 3]!.advanceMove(made, { kind: "start", to })),
      );
      const won = outcomes.filter((outcome) => outcome !== null);
      expect(won).toHaveLength(1);
      expect(await setup.open().resolve(made.id)).toEqual(won[0]);
      const races: MoveStep[] = [pause, abandon, pause, abandon];
      const ends = await Promise.all(races.map((step, index) => handles[index % 3]!.advanceMove(won[0]!, step)));
      expect(ends.filter((outcome) => outcome !== null)).toHaveLength(1);
      expect(await handles[0]!.advanceMove(made, start)).toBeNull();
    });

    test("are not confused by a move that began and ended unseen", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "again", description: null });
      const copying = await advance(directory, made, start);
      const again = await advance(directory, copying, abandon, start);
      expect(again.move).toMatchObject({ from: null, to: "north-2", phase: "copying" });
      expect(await directory.advanceMove(copying, pause)).toBeNull();
      expect(await advance(directory, again, pause)).toMatchObject({ epoch: 4 });
    });

    test("keep a space that is being moved, which may be renamed, from being removed", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "busy", description: null });
      const copying = await advance(directory, made, start);
      await expect(directory.remove(made.id)).rejects.toMatchObject({ code: "storage.busy" });
      const renamed = await directory.update(made.id, { name: "still here" });
      expect(renamed).toMatchObject({ epoch: 1, move: copying.move });
      await advance(directory, renamed, abandon);
      await directory.remove(made.id);
      await expect(directory.advanceMove(made, start)).rejects.toMatchObject({ code: "space.not_found" });
    });
  });
};
