import { describe, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { Change, Dot } from "@cairn/memory/change/change";
import { along, alice, embed, type EngineConformance, engineEmbedder, itemOf, openWorld, type World } from "./world.ts";

const name = ({ replica, counter }: Dot): string => `${replica}:${counter}`;

/** Replays a log and gives what each change said it overwrites, and the dots that stood then. */
const overwrites = (changes: readonly Change[]): { readonly said: unknown; readonly stood: unknown } => {
  const dots = new Map<string, readonly string[]>();
  const said: unknown[] = [];
  const stood: unknown[] = [];
  for (const { subject, dot, fields } of changes) {
    for (const [field, change] of Object.entries(fields)) {
      const at = `${subject}/${field}`;
      said.push([at, change.overwrites.map(name)]);
      stood.push([at, dots.get(at) ?? []]);
      dots.set(at, [name(dot)]);
    }
  }
  return { said, stood };
};

const allChanges = (world: World): Promise<readonly Change[]> => world.engine.read(world.space).changes(0, 10_000);

export const describeLog = (conformance: EngineConformance): void => {
  describe("log", () => {
    test("MEM-3 writes exactly one change for each write, its dot unique, its causes named", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const counts: number[] = [];
      const count = async () => counts.push((await allChanges(world)).length);
      const first = await world.remember({ content: "Alpha centauri", tags: ["star"], key: "star" });
      await count();
      await writer.update({ id: first.id, fields: { tags: ["near"] } });
      await count();
      await world.remember({ content: "Alpha centauri B", tags: ["near"], key: "star" });
      await count();
      const right = await world.correct(first.id, "Proxima centauri");
      await count();
      await writer.forget(right.id, { purge: false });
      await count();
      await writer.restore(right.id);
      await count();
      await world.ingest("s", [{ role: "user", content: "hello", at: 1, timed: true }]);
      await count();
      await world.ingest("s", [{ role: "user", content: "hello", at: 1, timed: true }]);
      await count();
      await world.outcomeOf({ content: "Proxima centauri", key: null });
      await count();
      await writer.forget(right.id, { purge: true });
      await count();
      expect(counts).toEqual([1, 2, 3, 5, 6, 7, 8, 8, 8, 9]);
      const changes = await allChanges(world);
      expect(changes.map(({ kind }) => kind)).toEqual([
        "create",
        "update",
        "update",
        "supersede",
        "create",
        "delete",
        "restore",
        "session",
        "purge",
      ]);
      expect(changes.map(({ seq }) => seq)).toEqual(changes.map(({ seq }) => seq).toSorted((a, b) => a - b));
      expect(new Set(changes.map(({ dot }) => name(dot))).size).toBe(changes.length);
      expect(changes.map(({ dot }) => dot.counter)).toEqual(changes.map((_, at) => at + 1));
      const clocks = changes.map(({ clock }) => clock);
      expect(clocks).toEqual([...new Set(clocks)].toSorted());
      const { said, stood } = overwrites(changes.filter(({ subject }) => subject === first.id));
      expect(said).toEqual(stood);
      for (const { principal, agent } of changes) expect([principal, agent]).toEqual(["alice", "laptop"]);
    });

    test("MEM-3 reads the log in pages, and goes on counting after a restart", async () => {
      await using world = await openWorld(conformance);
      for (let at = 0; at < 6; at++) await world.remember(`Line ${at}`);
      await world.reopen();
      await world.remember("Line after the restart");
      const reader = world.engine.read(world.space);
      const paged: Change[] = [];
      for (let after = 0; ;) {
        const page = await reader.changes(after, 3);
        paged.push(...page);
        const last = page.at(-1);
        if (last === undefined) break;
        after = last.seq;
      }
      expect(paged).toEqual(await allChanges(world));
      expect(paged.map(({ dot }) => dot.counter)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(new Set(paged.map(({ dot }) => dot.replica)).size).toBe(1);
    });

    test("SYN-3 names the dots of what each change replaces, through every kind of change", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const { id } = await world.remember({ content: "One", tags: ["a"], importance: null });
      for (const importance of [0.1, null, 0.2]) await writer.update({ id, fields: { importance } });
      await writer.forget(id, { purge: false });
      await writer.restore(id, 2);
      await writer.update({ id, fields: { content: "Two", tags: [] }, vectors: await embed("Two") });
      await writer.setVectors(engineEmbedder.model.id, [{ document: 1, vectors: [along(1)] }]);
      await world.correct(id, "Three");
      const { said, stood } = overwrites(await allChanges(world));
      expect(said).toEqual(stood);
    });

    test("TEN-1 keeps two spaces with the same ids apart", async () => {
      await using world = await openWorld(conformance);
      const other = newId();
      const imported = { id: newId(), onConflict: "skip" as const };
      await world.engine.create(other);
      await world.remember({ content: "Mine is a mango", tags: ["t"], key: "k" }, { imported });
      const item = await itemOf({ content: "Theirs is a papaya", tags: ["t"], key: "k" }, { imported });
      expect(await world.engine.write(other, alice).remember([item], true)).toMatchObject([
        { status: "stored", memory: { space: other } },
      ]);
      const [mine, theirs] = [world.engine.read(world.space), world.engine.read(other)];
      expect((await mine.get(imported.id))?.content).toBe("Mine is a mango");
      expect((await theirs.get(imported.id))?.content).toBe("Theirs is a papaya");
      expect(await world.texts("papaya")).toEqual([]);
      expect(await world.texts("papaya mango", { minRelevance: 0, tags: ["t"] })).toEqual(["Mine is a mango"]);
      expect((await theirs.list({ limit: 5 })).items).toHaveLength(1);
      await world.engine.write(other, alice).forget(imported.id, { purge: true });
      expect(await world.texts("mango")).toHaveLength(1);
      expect(await mine.changes(0, 9)).toHaveLength(1);
      await world.engine.drop(other);
      expect(await world.texts("mango")).toHaveLength(1);
      await world.engine.create(other);
      expect(await theirs.stats()).toMatchObject({ memories: 0, changes: 0 });
    });

    test("ENG-1 takes writes that come all at once, each in full", async () => {
      await using world = await openWorld(conformance);
      const stored = await Promise.all(Array.from({ length: 40 }, (_, at) => world.remember(`Parallel thought ${at}`)));
      expect(new Set(stored.map(({ id }) => id)).size).toBe(40);
      const writer = world.engine.write(world.space, alice);
      const races = await Promise.allSettled(
        Array.from({ length: 8 }, (_, at) =>
          writer.update({ id: stored[0]!.id, fields: { importance: at / 10 }, expectedVersion: 1 }),
        ),
      );
      expect(races.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const keyed = await Promise.all(
        Array.from({ length: 8 }, (_, at) => world.remember({ content: `Keyed ${at}`, key: "one" })),
      );
      expect(new Set(keyed.map(({ id }) => id)).size).toBe(1);
      expect(keyed.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      const changes = await allChanges(world);
      expect(changes.map(({ dot }) => dot.counter)).toEqual(changes.map((_, at) => at + 1));
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("ENG-1 refuses a space whose name is no id, and calls after the end", async () => {
      await using world = await openWorld(conformance);
      for (const bad of ["", "../../etc/passwd", "default"]) {
        await expect(world.engine.read(bad).stats()).rejects.toMatchObject({ code: "space.not_found" });
      }
      await world.engine.close();
      await expect(world.engine.read(world.space).stats()).rejects.toMatchObject({ code: "server.shutting_down" });
    });
  });
};
