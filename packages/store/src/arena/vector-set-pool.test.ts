import type { VectorSet } from "@cairn/memory/recall/vector-set";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openArena } from "./arena.ts";
import { blockBytes } from "./block-shape.ts";
import { makeMemoryStore, type MemoryStore } from "./fixtures/memory-store.ts";
import { makeRandom, unitVector } from "./fixtures/random-vectors.ts";
import { makePool, type Pool } from "./pool.ts";
import { quantizeRow } from "./quantize.ts";
import type { VectorSource } from "./stored-rows.ts";
import { makeVectorSet } from "./vector-set.ts";

const unsigned = ({ bytes }: { readonly bytes: Int8Array }): Uint8Array => new Uint8Array(bytes.buffer);
const bitsOf = (numbers: Float32Array): Int32Array => new Int32Array(numbers.buffer, 0, numbers.length);
const poolOf = (blocks: number): Pool => makePool({ bytes: blocks * blockBytes, seats: 2 });

/** Everything a set answers. */
const answersOf = (set: VectorSet, query: Float32Array, mask: Uint8Array, docs: number, wanted: Int32Array) => {
  const [scanned, sketched, rescored] = [0, 1, 2].map(() => new Float32Array(docs).fill(9)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  set.scan(query, mask, docs, scanned);
  set.sketch(query, mask, docs, sketched);
  set.rescore(query, wanted, rescored);
  return [scanned, sketched, rescored].map(bitsOf);
};

describe("sets of vectors in a pool that may be full", () => {
  test("ENG-6 ENG-7 REC-1 with no room, some, too little or plenty, on two threads' seats, every answer has the same bits", () => {
    const step = fc.record({
      set: fc.nat(3),
      doc: fc.nat(120),
      chunks: fc.nat(60),
      action: fc.constantFrom("add", "add", "add", "remove", "ask", "ask"),
      share: fc.constantFrom(0.005, 0.4, 1),
    });
    const dims = [20, 256, 300, 1024];
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 90 }), fc.integer(), (steps, seed) => {
        const random = makeRandom(seed);
        // Three pools: for everything, for hardly anything, for nothing. The first needs no store.
        const worlds = [1_000, 3, 0].map((blocks) => {
          const pool = poolOf(blocks);
          const arenas = [openArena(pool.join()), openArena(pool.join())];
          const stores = dims.map(makeMemoryStore);
          const sets = dims.map((count, at) => {
            const source = blocks === 1_000 ? {} : { source: stores[at]! };
            return makeVectorSet(arenas[at % 2]!, count, { namespace: `${at % 3}`, ...source });
          });
          return { pool, stores, sets };
        });
        for (const { set: at, doc, chunks, action, share } of steps) {
          if (action === "remove") {
            for (const { stores, sets } of worlds) {
              stores[at]!.drop(doc);
              sets[at]!.remove(doc);
            }
          } else if (action === "add") {
            for (let chunk = 0; chunk < chunks; chunk++) {
              const row = quantizeRow(unitVector(random, dims[at]!));
              for (const { stores, sets } of worlds) {
                stores[at]!.put(doc, unsigned(row), row.scale);
                sets[at]!.add(doc, unsigned(row), row.scale);
              }
            }
          } else {
            const query = unitVector(random, dims[at]!);
            const mask = Uint8Array.from({ length: 130 }, () => +(random() + 0.5 < share));
            const wanted = Int32Array.from({ length: 30 }, () => Math.floor((random() + 0.5) * 130));
            const [plenty, ...others] = worlds.map(({ sets }) => answersOf(sets[at]!, query, mask, 125, wanted));
            for (const other of others) expect(other).toEqual(plenty);
          }
        }
        const counts = worlds[0]!.sets.map((set) => set.rows());
        for (const { pool, sets } of worlds) {
          expect(sets.map((set) => set.rows())).toEqual(counts);
          for (const set of sets) set.release();
          expect(pool.figures()).toMatchObject({ bytes: 0, retired_bytes: 0, sets: 0, namespaces: 0, epoch_lag: 0 });
        }
      }),
      { numRuns: 40 },
    );
  });

  const fill = (set: VectorSet, store: MemoryStore, docs: number, dims: number, seed: number): void => {
    const random = makeRandom(seed);
    for (let doc = 0; doc < docs; doc++) {
      const row = quantizeRow(unitVector(random, dims));
      store.put(doc, unsigned(row), row.scale);
      set.add(doc, unsigned(row), row.scale);
    }
  };
  const setUp = (blocks: number, sets: number) => {
    const pool = poolOf(blocks);
    const arenas = [openArena(pool.join()), openArena(pool.join())];
    const stores = Array.from({ length: sets }, makeMemoryStore);
    const made = stores.map((source, at) => makeVectorSet(arenas[at % 2]!, 16, { source, namespace: `${at}` }));
    const query = unitVector(makeRandom(5), 16);
    const all = new Uint8Array(100).fill(1);
    const ask = (at: number): Float32Array => {
      const out = new Float32Array(100);
      made[at]!.scan(query, all, 100, out);
      return out;
    };
    for (const [at, set] of made.entries()) fill(set, stores[at]!, 100, 16, 7);
    return { pool, stores, sets: made, ask };
  };

  test("ENG-6 what nobody asked for makes room for what is asked for again, and comes back in its turn", () => {
    const { pool, stores, ask } = setUp(1, 2);
    // The second found the pool full: its vectors are in the store alone.
    expect(ask(1)).toEqual(ask(0));
    expect(pool.figures()).toMatchObject({ hits: 1, misses: 1, loads: 0, fallbacks: 1, evictions: 0 });
    // Asked twice since the first was: it comes in.
    const [before] = [ask(1), ask(1)];
    expect(pool.figures()).toMatchObject({ evictions: 1, loads: 1 });
    // The first finds out at its next question, and answers all the same.
    expect(ask(0)).toEqual(before);
    expect(ask(0)).toEqual(before);
    expect(pool.figures()).toMatchObject({ evictions: 2, loads: 2 });
    expect(stores.map((store) => store.readings())).toEqual([2, 3]);
    expect(ask(0)).toEqual(before);
    expect(stores[0]!.readings()).toBe(2);
  });

  test("ENG-6 vectors added and removed while a set is not in the pool are there when it comes back", () => {
    const { stores, sets, ask } = setUp(1, 2);
    ask(0);
    const [gone, added] = [3, 70];
    stores[1]!.drop(gone);
    sets[1]!.remove(gone);
    for (const at of [0, 1]) {
      const row = quantizeRow(unitVector(makeRandom(88), 16));
      stores[at]!.put(added, unsigned(row), row.scale);
      sets[at]!.add(added, unsigned(row), row.scale);
    }
    const [resident, stored] = [ask(0), ask(1)];
    expect(stored[gone]).toBe(0);
    expect(stored.with(gone, resident[gone]!)).toEqual(resident);
    ask(1);
    const readings = stores[1]!.readings();
    expect(ask(1)).toEqual(stored);
    expect(ask(1)).toEqual(stored);
    expect(stores[1]!.readings()).toBe(readings);
    expect(sets[1]!.rows()).toBe(100);
  });

  test("ENG-6 a store that fails while vectors are brought back leaves nothing half brought back", () => {
    const pool = poolOf(4);
    const arena = openArena(pool.join());
    const store = makeMemoryStore();
    let failing = false;
    const source: VectorSource = {
      ...store,
      *all() {
        yield* [...store.all()].slice(0, 50);
        if (failing) throw new Error("unreadable");
        yield* [...store.all()].slice(50);
      },
    };
    const set = makeVectorSet(arena, 16, { source });
    const other = makeVectorSet(arena, 4096);
    for (let doc = 0; doc < 4 * 32; doc++) other.add(doc, new Uint8Array(4096), 1);
    fill(set, store, 100, 16, 1);
    other.release();
    const [query, all, out] = [unitVector(makeRandom(2), 16), new Uint8Array(100).fill(1), new Float32Array(100)];
    failing = true;
    expect(() => set.scan(query, all, 100, out)).toThrow("unreadable");
    expect(pool.figures()).toMatchObject({ bytes: 0, retired_bytes: 0, epoch_lag: 0 });
    failing = false;
    set.scan(query, all, 100, out);
    expect(out.every((score) => score >= 0)).toBe(true);
    expect(pool.figures()).toMatchObject({ loads: 1, bytes: blockBytes });
  });

  test("ENG-6 more sets than the pool has places for answer from the store", () => {
    const pool = makePool({ bytes: 8 * blockBytes, seats: 1, sets: 1 });
    const arena = openArena(pool.join());
    const stores = [makeMemoryStore(), makeMemoryStore()];
    const sets = stores.map((source) => makeVectorSet(arena, 16, { source }));
    const answers = sets.map((set, at) => {
      fill(set, stores[at]!, 100, 16, 3);
      const out = new Float32Array(100);
      set.scan(unitVector(makeRandom(2), 16), new Uint8Array(100).fill(1), 100, out);
      return out;
    });
    expect(answers[1]).toEqual(answers[0]);
    expect(pool.figures()).toMatchObject({ sets: 1, hits: 1, fallbacks: 1 });
  });
});
