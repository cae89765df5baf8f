import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import { runCrashRound } from "@cairn/testing/crash/crash-round";
import { runModelRound } from "@cairn/testing/crash/model-round";
import { startPeer } from "@cairn/testing/crash/peer";
import { alice, engineEmbedder, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { openSqliteEngine } from "./engine.ts";

const rounds = Number(process.env["CAIRN_CRASH_ROUNDS"] ?? 6);
const modelRounds = Math.ceil(rounds / 2);

const withFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-crash-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

describe("crashes", () => {
  test(
    `ENG-1 TEN-8 loses nothing acknowledged when writers are killed, and no note of what they wrote, ${rounds} times`,
    async () => {
      await withFolder(async (folder) => {
        const spaces = [newId(), newId()];
        for (let round = 0; round < rounds; round++) {
          const livesMs = [Math.random() * 400, Math.random() * 400];
          const { acknowledged, losses } = await runCrashRound({ folder, spaces, round, livesMs });
          expect(losses).toEqual([]);
          expect(acknowledged.stored.size).toBeGreaterThan(0);
        }
      });
    },
    60_000 + rounds * 10_000,
  );

  test(
    `EMB-6 ENG-1 a change of model goes on after its processes were killed, ${modelRounds} times, and mixes no vectors`,
    async () => {
      await withFolder(async (folder) => {
        const space = newId();
        const stored = new Map<string, string>();
        let changes = 0;
        for (let round = 0; round < modelRounds; round++) {
          const livesMs = [50 + Math.random() * 300, 50 + Math.random() * 300];
          const outcome = await runModelRound({ folder, space, round, livesMs, stored });
          expect(outcome.wrong).toEqual([]);
          changes += outcome.changes;
        }
        expect(stored.size).toBeGreaterThan(0);
        expect(changes).toBeGreaterThan(0);
      });
    },
    60_000 + modelRounds * 10_000,
  );
});

describe("several processes", () => {
  test("ENG-1 see each other's writes at once", async () => {
    await withFolder(async (folder) => {
      const space = newId();
      const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 1 });
      await using peer = startPeer(folder, space);
      for (let at = 0; at < 10; at++) {
        const [outcome] = await engine.write(space, alice).remember([await itemOf(`mine${at} from here`)], false);
        expect(await peer.ask({ ask: "find", word: `mine${at}` })).toEqual([memoryOf(outcome).id]);
        const [id] = await peer.ask({ ask: "remember", drafts: [{ content: `theirs${at} from there` }] });
        expect((await engine.read(space).get(id!))?.content).toBe(`theirs${at} from there`);
        const query = {
          query: `theirs${at}`,
          vector: new Float32Array(64),
          limit: 5,
          minRelevance: 0.05,
          now: Date.now(),
        };
        const { hits } = await engine.read(space).recall({ ...query, include: "memories" });
        expect(hits).toMatchObject([{ memory: { id } }]);
      }
      await engine.close();
    });
  });

  test("ENG-1 MEM-2 write to one space at once without losing a write or doubling a key", async () => {
    await withFolder(async (folder) => {
      const space = newId();
      const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 1 });
      await using one = startPeer(folder, space);
      await using other = startPeer(folder, space);
      const drafts = (name: string) =>
        Array.from({ length: 60 }, (_, at) => ({
          content: `${name}${at} wrote this`,
          key: at % 3 === 0 ? `key${at % 9}` : null,
        }));
      const written = await Promise.all(
        [one, other, one, other].map((peer, at) => peer.ask({ ask: "remember", drafts: drafts(`writer${at}x`) })),
      );
      const listed = (await engine.read(space).list({ limit: 1_000 })).items;
      const ids = new Set(written.flat());
      expect(new Set(listed.map(({ id }) => id))).toEqual(ids);
      expect(listed).toHaveLength(ids.size);
      expect(ids.size).toBe(4 * 40 + 3);
      const keys = listed.flatMap(({ key }) => key ?? []);
      expect(keys.toSorted()).toEqual(["key0", "key3", "key6"]);
      const versions = listed.filter(({ key }) => key !== null).map(({ version }) => version);
      expect(versions.reduce((sum, version) => sum + version, 0)).toBe(4 * 20);
      const changes = await engine.read(space).changes(0, 1_000);
      expect(changes.map(({ dot }) => dot.counter)).toEqual(Array.from({ length: 240 }, (_, at) => at + 1));
      expect(await engine.check(space)).toEqual([]);
      for (const name of ["writer0x1", "writer3x59"]) {
        expect((await one.ask({ ask: "find", word: name })).length).toBe(1);
        expect((await other.ask({ ask: "find", word: name })).length).toBe(1);
      }
      await engine.close();
    });
  }, 60_000);
});
