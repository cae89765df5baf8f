/** The vectors of the few documents that the database found, in ordinary memory: as the arena's, without its pool. */
import type { VectorSet } from "@cairn/memory/recall/vector-set";
import { quantizeQuery } from "@cairn/store/arena/quantize";

interface Row {
  readonly bytes: Int8Array;
  readonly scale: number;
}

export const makeFewVectors = (): VectorSet => {
  const rows = new Map<number, Row[]>();
  const best = (list: readonly Row[], query: Int16Array, scale: number): number => {
    let most = 0;
    for (const row of list) {
      let sum = 0;
      for (let at = 0; at < query.length; at++) sum += query[at]! * row.bytes[at]!;
      most = Math.max(most, Math.fround(sum * Math.fround(row.scale * scale)));
    }
    return most;
  };
  const write = (query: Float32Array, docs: Iterable<number>, out: Float32Array): void => {
    const { values, scale } = quantizeQuery(query);
    for (const doc of docs) out[doc] = best(rows.get(doc) ?? [], values, scale);
  };
  const scan: VectorSet["scan"] = (query, mask, docs, out) => {
    out.fill(0, 0, docs);
    const wanted = Array.from(rows.keys()).filter((doc) => doc < docs && mask[doc] === 1);
    write(query, wanted, out);
  };
  return {
    add: (doc, bytes, scale) => {
      const row = { bytes: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scale };
      const known = rows.get(doc);
      if (known === undefined) rows.set(doc, [row]);
      else known.push(row);
    },
    remove: (doc) => void rows.delete(doc),
    scan,
    sketch: scan,
    rescore: write,
    rows: () => rows.size,
    release: () => rows.clear(),
  };
};
