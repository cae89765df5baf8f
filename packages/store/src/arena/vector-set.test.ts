import type { VectorSet } from "@cairn/memory/recall/vector-set";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockBytes } from "./block-shape.ts";
import { makeArena } from "./fixtures/lone-arena.ts";
import { makeRandom, unitVector } from "./fixtures/random-vectors.ts";
import { quantizeQuery, quantizeRow } from "./quantize.ts";
import { makeVectorSet } from "./vector-set.ts";

interface Chunk {
  readonly bytes: Int8Array;
  readonly scale: number;
}
/** What a set should hold: chunks by document. */
type Model = Map<number, Chunk[]>;

const modelScan = (model: Model, query: Float32Array, mask: Uint8Array, docs: number): Float32Array => {
  const { values, scale } = quantizeQuery(query);
  const out = new Float32Array(docs);
  for (const [doc, chunks] of model) {
    if (doc >= docs || mask[doc] !== 1) continue;
    for (const chunk of chunks) {
      const dot = values.reduce((sum, value, at) => sum + value * chunk.bytes[at]!, 0);
      out[doc] = Math.max(out[doc]!, Math.fround(Math.fround(Math.fround(dot) * chunk.scale) * scale));
    }
  }
  return out;
};

const put = (set: VectorSet, model: Model, doc: number, vector: Float32Array): void => {
  const chunk = quantizeRow(vector);
  set.add(doc, chunk.bytes, chunk.scale);
  const chunks = model.get(doc);
  if (chunks === undefined) model.set(doc, [chunk]);
  else chunks.push(chunk);
};

const bitsOf = (numbers: Float32Array): Int32Array => new Int32Array(numbers.buffer, 0, numbers.length);

const expectEqualScan = (set: VectorSet, model: Model, query: Float32Array, mask: Uint8Array, docs: number): void => {
  const out = new Float32Array(docs).fill(9);
  set.scan(query, mask, docs, out);
  expect(bitsOf(out)).toEqual(bitsOf(modelScan(model, query, mask, docs)));
};

const everyone = (docs: number): Uint8Array => new Uint8Array(docs).fill(1);

describe("the vectors of a space", () => {
  test.each([1, 15, 16, 17, 256, 300, 384, 1536, 4096])(
    "ENG-1 REC-1 of %d dimensions score bit for bit as the integer model says, whatever part the mask leaves",
    (dims) => {
      const random = makeRandom(dims);
      const set = makeVectorSet(makeArena(), dims);
      const model: Model = new Map();
      for (let at = 0; at < 600; at++) put(set, model, Math.floor((random() + 0.5) * 300), unitVector(random, dims));
      expect(set.rows()).toBe(600);
      const query = unitVector(random, dims);
      for (const share of [0, 0.01, 0.3, 0.49, 0.51, 0.9, 1]) {
        expectEqualScan(
          set,
          model,
          query,
          Uint8Array.from({ length: 300 }, () => +(random() + 0.5 < share)),
          300,
        );
      }
    },
  );

  test("REC-1 scores stay within the rounding error of both vectors from the true cosine", () => {
    const random = makeRandom(7);
    const dims = 256;
    const set = makeVectorSet(makeArena(), dims);
    const vectors = Array.from({ length: 500 }, () => unitVector(random, dims));
    const query = unitVector(random, dims);
    // Near ones too, where rounding matters most.
    for (let at = 0; at < 100; at++) {
      const near = vectors[at]!.map((number, place) => number + 3 * query[place]!);
      vectors[at] = near.map((number) => number / Math.hypot(...near));
    }
    for (const [doc, vector] of vectors.entries())
      set.add(doc, ...(Object.values(quantizeRow(vector)) as [Int8Array, number]));
    const out = new Float32Array(500);
    set.scan(query, everyone(500), 500, out);
    const queryScale = quantizeQuery(query).scale;
    const total = (numbers: Float32Array): number => numbers.reduce((sum, number) => sum + Math.abs(number), 0);
    for (const [doc, vector] of vectors.entries()) {
      const { bytes, scale } = quantizeRow(vector);
      const cosine = vector.reduce((sum, number, at) => sum + number * query[at]!, 0);
      const rounded = Float32Array.from(bytes, (byte) => byte * scale);
      const bound = (scale / 2) * total(query) + (queryScale / 2) * total(rounded) + 1e-6;
      expect(Math.abs(out[doc]! - Math.max(0, cosine))).toBeLessThanOrEqual(bound);
      expect(bound).toBeLessThan(0.02);
    }
  });

  test("ENG-1 REC-1 the largest numbers there can be do not overflow at 4,096 dimensions", () => {
    for (const sign of [1, -1]) {
      const set = makeVectorSet(makeArena(), 4096);
      set.add(0, new Int8Array(4096).fill(-128), 1);
      set.add(1, new Uint8Array(4096).fill(127), 1);
      const query = new Float32Array(4096).fill(sign);
      const out = new Float32Array(2);
      set.scan(query, everyone(2), 2, out);
      const { values, scale } = quantizeQuery(query);
      const score = (byte: number) => Math.fround(Math.fround(4096 * byte * values[0]!) * scale);
      expect([...out]).toEqual(sign === 1 ? [0, score(127)] : [score(-128), 0]);
    }
  });

  test("ENG-1 REC-1 thousands of additions and removals in any order leave what a plain model holds", () => {
    const dims = 20;
    const step = fc.record({ doc: fc.nat(90), chunks: fc.nat(40), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 250 }), fc.integer(), (steps, seed) => {
        const random = makeRandom(seed);
        const set = makeVectorSet(makeArena(), dims);
        const model: Model = new Map();
        for (const { doc, chunks, remove } of steps) {
          if (remove) {
            set.remove(doc);
            model.delete(doc);
          } else for (let at = 0; at < chunks; at++) put(set, model, doc, unitVector(random, dims));
        }
        expect(set.rows()).toBe([...model.values()].reduce((sum, chunks) => sum + chunks.length, 0));
        const query = unitVector(random, dims);
        expectEqualScan(set, model, query, everyone(91), 91);
        expectEqualScan(
          set,
          model,
          query,
          Uint8Array.from({ length: 50 }, () => +(random() > 0.3)),
          50,
        );
      }),
      { numRuns: 40 },
    );
  });

  test("ENG-1 many spaces of several dimensions share one memory, through growth, removal and release", () => {
    const random = makeRandom(3);
    const arena = makeArena();
    const spaces = Array.from({ length: 40 }, (_, at) => {
      const dims = [48, 256, 384, 1000][at % 4]!;
      return { dims, set: makeVectorSet(arena, dims), model: new Map() as Model };
    });
    const check = (): void => {
      for (const { dims, set, model } of spaces) {
        expectEqualScan(set, model, unitVector(random, dims), everyone(300), 300);
      }
    };
    for (let doc = 0; doc < 280; doc++) {
      for (const { dims, set, model } of spaces) put(set, model, doc, unitVector(random, dims));
    }
    expect(arena.figures()).toMatchObject({ sets: 40, namespaces: 1 });
    expect(arena.figures().bytes).toBeGreaterThanOrEqual(40 * blockBytes);
    check();
    for (const [at, { set, model }] of spaces.entries()) {
      if (at % 3 === 0) {
        set.release();
        model.clear();
      } else {
        for (let doc = at; doc < 280; doc += 5) {
          set.remove(doc);
          model.delete(doc);
        }
      }
    }
    check();
  });

  test("ENG-1 a released set gives its memory to others and can be filled again", () => {
    const random = makeRandom(4);
    const arena = makeArena();
    const fill = (set: VectorSet, model: Model): void => {
      for (let doc = 0; doc < 1000; doc++) put(set, model, doc, unitVector(random, 64));
    };
    const first = makeVectorSet(arena, 64);
    fill(first, new Map());
    const { bytes, touched_bytes } = arena.figures();
    first.release();
    expect(first.rows()).toBe(0);
    expect(arena.figures()).toMatchObject({ bytes: 0, retired_bytes: 0, touched_bytes, sets: 0, namespaces: 0 });
    expectEqualScan(first, new Map(), unitVector(random, 64), everyone(1000), 1000);
    for (const set of [makeVectorSet(arena, 64), first]) {
      const model: Model = new Map();
      fill(set, model);
      expect(arena.figures()).toMatchObject({ bytes, touched_bytes, sets: 1 });
      expectEqualScan(set, model, unitVector(random, 64), everyone(1000), 1000);
      set.release();
    }
  });

  test("ENG-1 REC-1 what other spaces and questions left in the memory never counts", () => {
    const random = makeRandom(9);
    const arena = makeArena();
    const before = makeVectorSet(arena, 32);
    for (let doc = 0; doc < 256; doc++) put(before, new Map(), doc, unitVector(random, 32));
    before.scan(unitVector(random, 32), everyone(256), 256, new Float32Array(256));
    before.release();
    const set = makeVectorSet(arena, 17);
    const model: Model = new Map();
    for (let doc = 0; doc < 250; doc++) put(set, model, doc, unitVector(random, 17));
    expect(set.rows()).toBe(250);
    expectEqualScan(set, model, unitVector(random, 17), everyone(250), 250);
  });

  test("ENG-1 removing everything gives every block back", () => {
    const random = makeRandom(5);
    const arena = makeArena();
    const set = makeVectorSet(arena, 16);
    for (let row = 0; row < 2000; row++) put(set, new Map(), row % 700, unitVector(random, 16));
    for (let doc = 699; doc >= 0; doc--) set.remove(doc);
    set.remove(5);
    set.remove(123_456);
    expect(set.rows()).toBe(0);
    expect(arena.figures()).toMatchObject({ bytes: 0, retired_bytes: 0 });
  });

  test("ENG-1 a full pool refuses the row of a set without a store and leaves the set as it was", () => {
    const random = makeRandom(6);
    const arena = makeArena({ maximumBytes: 3 * blockBytes });
    const set = makeVectorSet(arena, 4096);
    const model: Model = new Map();
    const fill = (): void => {
      for (let doc = 0; ; doc++) put(set, model, doc, unitVector(random, 4096));
    };
    expect(fill).toThrow(expect.objectContaining({ code: "limit.exceeded" }));
    expect(set.rows()).toBe(3 * 32);
    set.remove(17);
    model.delete(17);
    put(set, model, 800, unitVector(random, 4096));
    expectEqualScan(set, model, unitVector(random, 4096), everyone(801), 801);
  });

  test("REC-1 the same question gives the same bits, whatever order the rows arrived in", () => {
    const random = makeRandom(8);
    const vectors = Array.from({ length: 700 }, () => unitVector(random, 100));
    const query = unitVector(random, 100);
    const scores = [[...vectors.keys()], [...vectors.keys()].toReversed()].map((order) => {
      const set = makeVectorSet(makeArena(), 100);
      for (const doc of order) put(set, new Map(), doc, vectors[doc]!);
      const out = new Float32Array(700);
      set.scan(query, everyone(700), 700, out);
      return bitsOf(out);
    });
    expect(scores[0]).toEqual(scores[1]);
  });

  test("REC-1 an empty question, a zero vector and documents without vectors score 0", () => {
    const set = makeVectorSet(makeArena(), 4);
    set.add(1, Int8Array.of(127, 0, 0, 0), 1 / 127);
    set.add(2, new Int8Array(4), 0);
    const out = new Float32Array(4).fill(9);
    set.scan(new Float32Array(4), everyone(3), 3, out);
    expect([...out]).toEqual([0, 0, 0, 9]);
    set.scan(Float32Array.of(1, 0, 0, 0), everyone(3), 3, out);
    expect([...out]).toEqual([0, expect.closeTo(1, 5), 0, 9]);
  });

  test("ENG-1 vectors of another number of dimensions are refused", () => {
    const arena = makeArena();
    const set = makeVectorSet(arena, 4);
    expect(() => set.add(0, new Int8Array(5), 1)).toThrow(expect.objectContaining({ code: "internal" }));
    for (const call of [
      () => set.scan(new Float32Array(3), everyone(1), 1, new Float32Array(1)),
      () => set.sketch(new Float32Array(3), everyone(1), 1, new Float32Array(1)),
      () => set.rescore(new Float32Array(3), Int32Array.of(0), new Float32Array(1)),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: "internal" }));
    }
    for (const dims of [0, 4097, Number.NaN]) {
      expect(() => makeVectorSet(arena, dims)).toThrow(expect.objectContaining({ code: "limit.exceeded" }));
    }
  });
});
