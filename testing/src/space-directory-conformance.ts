/**
 * What every `SpaceDirectory` promises. An adapter's test calls `describeSpaceDirectory` with a factory of handles:
 * handles of one `setup` look at the same directory, as processes on one data folder or servers on one database do.
 */
import { defaultSpaceId, defaultSpaceName, type SpaceDirectory } from "@cairn/directory/space-directory";
import { isUuid } from "@cairn/kernel/id";
import { describe, expect, test } from "vitest";
import { testHistories } from "./space-histories-conformance.ts";
import { describeMoves } from "./space-moves-conformance.ts";

export interface DirectorySetup extends AsyncDisposable {
  readonly open: () => SpaceDirectory;
  /** Resolves when a handle knows what others wrote, where it hears of it a moment later. */
  readonly caughtUp?: (directory: SpaceDirectory) => Promise<void>;
}

export const describeSpaceDirectory = (name: string, setUp: () => Promise<DirectorySetup>): void => {
  describe(`the directory of spaces: ${name}`, () => {
    test("has a default space from the first moment, under its fixed id", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const found = await directory.resolve(defaultSpaceName);
      expect(found).toMatchObject({ id: defaultSpaceId, name: "default", description: null, rerank: null });
      expect(await directory.resolve(defaultSpaceId)).toEqual(found);
      expect(await directory.list()).toEqual([found]);
    });

    test("finds a space by its id and by its name in any case", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "  Projekt Ätna ", description: "Volcanoes." });
      expect(made).toMatchObject({ name: "Projekt Ätna", description: "Volcanoes." });
      expect(isUuid(made.id)).toBe(true);
      expect(made.createdAt).toBe(made.updatedAt);
      for (const reference of [
        made.id,
        made.id.toUpperCase(),
        "Projekt Ätna",
        "PROJEKT ÄTNA",
        " projekt a\u0308tna ",
      ]) {
        expect(await directory.resolve(reference)).toEqual(made);
      }
      expect(await directory.resolve("projekt")).toBeNull();
      expect(await directory.resolve("")).toBeNull();
    });

    test.each(["PROJECT", " project ", "ｐｒｏｊｅｃｔ", "Default"])("refuses the taken name %j", async (taken) => {
      await using setup = await setUp();
      const directory = setup.open();
      await directory.create({ name: "project", description: null });
      await expect(directory.create({ name: taken, description: null })).rejects.toMatchObject({
        code: "space.name_taken",
      });
      const other = await directory.create({ name: "other", description: null });
      await expect(directory.update(other.id, { name: taken })).rejects.toMatchObject({ code: "space.name_taken" });
      expect(await directory.list()).toHaveLength(3);
    });

    test.each(["", "   ", "x".repeat(101), "a\0b", "line\nbreak", "\ud800", "01890000-0000-7000-8000-000000000000"])(
      "refuses the unfit name %j",
      async (unfit) => {
        await using setup = await setUp();
        await expect(setup.open().create({ name: unfit, description: null })).rejects.toMatchObject({
          code: "request.invalid",
        });
      },
    );

    test("takes names of 100 characters, counted as people count them", async () => {
      await using setup = await setUp();
      const name = "🪨".repeat(100);
      expect(await setup.open().create({ name, description: null })).toMatchObject({ name });
    });

    test("changes a name or a description and leaves the rest", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "old", description: "What it is for." });
      const renamed = await directory.update(made.id, { name: "New" });
      expect(renamed).toMatchObject({
        id: made.id,
        name: "New",
        description: "What it is for.",
        createdAt: made.createdAt,
      });
      expect(await directory.update(made.id, { description: null })).toMatchObject({ name: "New", description: null });
      expect(await directory.update(made.id, { name: "NEW" })).toMatchObject({ name: "NEW" });
      expect(await directory.resolve("old")).toBeNull();
      expect((await directory.resolve("new"))?.id).toBe(made.id);
    });

    test("REC-4 keeps how a space's recalls are ordered again, and forgets it on request", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "ranked", description: null, rerank: "heuristic" });
      expect(made).toMatchObject({ rerank: "heuristic" });
      expect(await directory.update(made.id, { description: "Notes." })).toMatchObject({ rerank: "heuristic" });
      expect(await directory.update(made.id, { rerank: "cross-encoder" })).toMatchObject({
        name: "ranked",
        description: "Notes.",
        rerank: "cross-encoder",
      });
      expect(await setup.open().resolve("ranked")).toMatchObject({ rerank: "cross-encoder" });
      expect(await directory.update(made.id, { rerank: null })).toMatchObject({ rerank: null });
      expect(await directory.create({ name: "plain", description: null })).toMatchObject({ rerank: null });
      expect(await directory.update(defaultSpaceId, { rerank: "none" })).toMatchObject({ rerank: "none" });
    });

    test("lists spaces by name", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      for (const name of ["zebra", "Apple", "mango"]) await directory.create({ name, description: null });
      expect((await directory.list()).map(({ name }) => name)).toEqual(["Apple", "default", "mango", "zebra"]);
    });

    test("lists spaces in the order of their names' code points, whatever the database's language", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const names = ["\u{1F30B}", "\uFB1F", "zeta", "äther", "a b", "a-b", "ab"];
      for (const name of names) await directory.create({ name, description: null });
      const listed = (await directory.list()).map(({ name }) => name);
      expect(listed).toEqual(["a b", "a-b", "ab", "default", "zeta", "äther", "\uFB1F", "\u{1F30B}"]);
    });

    test("shows all spaces page by page, whatever is made, renamed or removed meanwhile", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made: string[] = [defaultSpaceId];
      for (const name of ["e", "d", "c", "b", "a"]) made.push((await directory.create({ name, description: null })).id);
      const first = await directory.page({ limit: 2 });
      expect(first.map(({ id }) => id)).toEqual(made.slice(0, 2));
      await directory.update(made[5]!, { name: "0" });
      await directory.remove(made[1]!);
      const second = await directory.page({ after: first[1]!.id, limit: 3 });
      expect(second.map(({ id }) => id)).toEqual(made.slice(2, 5));
      const last = await directory.page({ after: second[2]!.id, limit: 3 });
      expect(last.map(({ name }) => name)).toEqual(["0"]);
      expect(await directory.page({ after: last[0]!.id, limit: 3 })).toEqual([]);
    });

    test.each([0, -1, 1.5, 1_001, Number.NaN])("refuses a page of %d", async (limit) => {
      await using setup = await setUp();
      await expect(setup.open().page({ limit })).rejects.toMatchObject({ code: "request.invalid" });
    });

    test("knows no space by a name that is too long for one, or is no text", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      for (const odd of ["x".repeat(5_000), "default\0", "\ud800", "%", "' or 1=1 --"]) {
        expect(await directory.resolve(odd)).toBeNull();
      }
    });

    test("keeps a description as it was written", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const description = "two\nlines, a zero \0, \u{10FFFE} and \u{1F30B}";
      const made = await directory.create({ name: "described", description });
      expect(await setup.open().resolve(made.id)).toMatchObject({ description });
    });

    test("removes a space, whose name is then free", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const made = await directory.create({ name: "gone", description: null });
      await directory.remove(made.id);
      expect(await directory.resolve("gone")).toBeNull();
      expect((await directory.create({ name: "gone", description: null })).id).not.toBe(made.id);
    });

    test("keeps the default space and its name, though it may be described", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      await expect(directory.remove(defaultSpaceId)).rejects.toMatchObject({ code: "request.invalid" });
      await expect(directory.update(defaultSpaceId, { name: "mine" })).rejects.toMatchObject({
        code: "request.invalid",
      });
      expect(await directory.update(defaultSpaceId, { description: "Mine." })).toMatchObject({
        name: "default",
        description: "Mine.",
      });
    });

    test("says so when the space to change is not there", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const id = "01890000-0000-7000-8000-000000000000";
      await expect(directory.remove(id)).rejects.toMatchObject({ code: "space.not_found" });
      await expect(directory.update(id, { name: "x" })).rejects.toMatchObject({ code: "space.not_found" });
    });

    test("OPS-5 shows a handle what it wrote at once, and every other as soon as word of it has come", async () => {
      await using setup = await setUp();
      const [one, other] = [setup.open(), setup.open()];
      expect(await other.resolve("shared")).toBeNull();
      const made = await one.create({ name: "shared", description: null });
      expect(await other.resolve("shared")).toEqual(made);
      expect(await one.resolve("shared")).toEqual(made);
      const renamed = await other.update(made.id, { name: "renamed" });
      expect(await other.resolve("shared")).toBeNull();
      await setup.caughtUp?.(one);
      expect(await one.resolve(made.id)).toEqual(renamed);
      expect(await one.resolve("shared")).toBeNull();
      expect(await other.resolve("renamed")).toEqual(renamed);
      await one.remove(made.id);
      expect(await one.resolve("renamed")).toBeNull();
      await setup.caughtUp?.(other);
      expect(await other.resolve(made.id)).toBeNull();
      expect(await other.resolve("renamed")).toBeNull();
    });

    test("loses nothing when two handles write at once, and lets one of them have a name", async () => {
      await using setup = await setUp();
      const handles = [setup.open(), setup.open()];
      const names = Array.from({ length: 20 }, (_, index) => `space ${index}`);
      const attempts = handles.flatMap((handle) => names.map((name) => handle.create({ name, description: null })));
      const outcomes = await Promise.allSettled(attempts);
      const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
      expect(refused).toHaveLength(names.length);
      for (const reason of refused) expect(reason).toMatchObject({ code: "space.name_taken" });
      expect(await handles[0]?.list()).toHaveLength(names.length + 1);
    });

    testHistories(setUp);
    describeMoves(setUp);
  });
};
