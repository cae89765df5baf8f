/**
 * The vectors of one space in the pool, and the scans that answer "how near is each document to this question": the
 * exact one, and for large spaces an estimate from the rows' signs with an exact score of the documents that the caller
 * picks by it.
 *
 * A set whose vectors are kept in a store too may lose its blocks to another set at any time. It then answers from the
 * store, with the same bits, until there is room for it again; nobody who asks can tell. What it always knows is how
 * many chunks each document has. A set without a store keeps what it has, and refuses what does not fit.
 *
 * Everything here is synchronous on one thread, whose scratch all its sets share.
 */
import { CairnError } from "@cairn/kernel/error";
import { firstCapacity, grown } from "@cairn/memory/recall/postings";
import type { VectorSet } from "@cairn/memory/recall/vector-set";
import type { Arena } from "./arena.ts";
import { blockBytes, shapeOf, spanRows } from "./block-shape.ts";
import { estimateBlocks, type HeldRows, scanBlocks, type Wanted } from "./block-scans.ts";
import { makeDocumentRows } from "./document-rows.ts";
import { mostDimensions, quantizeQuery } from "./quantize.ts";
import { quantizeSketchQuery, writeTables } from "./sketch.ts";
import { estimateStored, scanStored, type StoredVector, type VectorSource } from "./stored-rows.ts";

export interface VectorSetOptions {
  /** Where the vectors are kept for good; without it they stay in the pool. */
  readonly source?: VectorSource;
  /** Whose share of the pool the set takes. */
  readonly namespace?: string;
}

/** Where at most one document in so many is wanted, the store is asked for each instead of for everything. */
const lookUpBelow = 64;

/**
 * `dims` is at least 1 and at most 4,096 (`limit.exceeded`). Its `add` throws `limit.exceeded` for a set without a
 * source when the pool is full: nothing has changed then.
 */
export const makeVectorSet = (
  arena: Arena,
  dims: number,
  { source, namespace = "" }: VectorSetOptions = {},
): VectorSet => {
  if (!(dims >= 1 && dims <= mostDimensions)) {
    throw new CairnError("limit.exceeded", `A vector has 1 to ${mostDimensions} dimensions, not ${dims}.`);
  }
  const shape = shapeOf(dims, blockBytes);
  const rows = makeDocumentRows();
  /** The set's number in the pool, from its first vector on; −1 for none. */
  let set = -1;
  /** Row r is row r mod `shape.rows` of block ⌊r / shape.rows⌋; null when the vectors are not in the pool. */
  let blocks: number[] | null = null;
  /** By document: its vectors. */
  let chunks = new Uint16Array(firstCapacity);
  let total = 0;
  /** The pool's clock at the last question, and at the one before it. */
  let asked: number | null = null;
  let previous: number | null = null;

  const checkDims = (given: number): void => {
    if (given !== dims) throw new CairnError("internal", `A vector of ${given} dimensions among those of ${dims}.`);
  };

  /** Gives up the blocks, if they are the set's still, and what is known of their rows. */
  const leave = (): void => {
    if (blocks === null) return;
    blocks = null;
    rows.clear();
    arena.sets.vacate(set);
  };

  /** Writes a row after the last; false when there is no room, or the set has lost its blocks. */
  const place = (doc: number, bytes: Uint8Array | Int8Array, scale: number): boolean => {
    if (blocks === null) return false;
    if (rows.count() === blocks.length * shape.rows) {
      const fresh = arena.sets.push(set, total, previous);
      if (fresh === 0) return false;
      blocks.push(fresh);
    }
    const row = rows.count() % shape.rows;
    const block = blocks[Math.floor(rows.count() / shape.rows)]!;
    const written = arena.sets.reading(set, () => {
      arena.writeRow(block, shape, row, doc, bytes, scale);
      arena.sketchRow(block, shape, row);
    });
    if (!written) return false;
    rows.append(doc);
    return true;
  };

  const add: VectorSet["add"] = (doc, bytes, scale) => {
    checkDims(bytes.length);
    if (set < 0 && total === 0) {
      set = arena.sets.open(namespace, source !== undefined);
      if (set >= 0) blocks = [];
    }
    if (!place(doc, bytes, scale)) {
      if (source === undefined) throw new CairnError("limit.exceeded", "The memory for vectors is full.");
      leave();
    }
    chunks = grown(chunks, doc + 1);
    chunks[doc]!++;
    total++;
  };

  const remove: VectorSet["remove"] = (doc) => {
    if (doc >= chunks.length || chunks[doc] === 0) return;
    total -= chunks[doc]!;
    chunks[doc] = 0;
    if (blocks === null) return;
    const held = blocks;
    let emptied = 0;
    const moved = arena.sets.reading(set, () =>
      rows.remove(doc, (last, row) => {
        const [fromBlock, fromRow] = [held[Math.floor(last / shape.rows)]!, last % shape.rows];
        if (row !== last) {
          arena.copyRow(shape, fromBlock, fromRow, held[Math.floor(row / shape.rows)]!, row % shape.rows);
        }
        if (fromRow === 0) emptied++;
      }),
    );
    if (!moved) leave();
    else {
      for (; emptied > 0; emptied--) {
        held.pop();
        arena.sets.pop(set, total);
      }
    }
  };

  const fill = (kept: VectorSource): boolean => {
    for (const [doc, bytes, scale] of kept.all()) {
      if (doc >= chunks.length || chunks[doc] === 0 || bytes.length !== dims) continue;
      if (!place(doc, bytes, scale)) return false;
    }
    return true;
  };

  /** Brings the vectors back into the pool if there is room for them. */
  const load = (): boolean => {
    if (source === undefined || set < 0) return false;
    const taken = arena.sets.load(set, Math.ceil(total / shape.rows), total, previous);
    if (taken === null) return false;
    blocks = [...taken];
    let whole = false;
    try {
      whole = fill(source);
    } finally {
      if (!whole) leave();
    }
    return whole;
  };

  /** Runs `fromBlocks` on the pool if the vectors are there or can be brought there, else `fromStore`. */
  const answer = (fromBlocks: (held: readonly number[]) => void, fromStore: (kept: VectorSource) => void): void => {
    if (total === 0) return;
    if (set >= 0) {
      previous = asked;
      asked = arena.sets.ask(set, total);
    }
    const run = (): boolean => blocks !== null && arena.sets.reading(set, () => fromBlocks(blocks!));
    if (run()) return arena.count("hits");
    leave();
    if (load() && run()) return arena.count("loads");
    leave();
    arena.count("fallbacks");
    if (source !== undefined) fromStore(source);
  };

  /** What the store holds of the documents in the mask that this set has. */
  function* stored(kept: VectorSource, { mask, docs }: Wanted): Iterable<StoredVector> {
    let count = 0;
    for (let doc = 0; doc < docs; doc++) count += mask[doc]! & 1;
    if (count * lookUpBelow <= docs) {
      for (let doc = 0; doc < docs; doc++) if (mask[doc] === 1) yield* storedOf(kept, doc);
      return;
    }
    const most = Math.min(docs, chunks.length);
    for (const vector of kept.all()) {
      const [doc, bytes] = vector;
      if (doc < most && mask[doc] === 1 && chunks[doc] !== 0 && bytes.length === dims) yield vector;
    }
  }
  function* storedOfAll(kept: VectorSource, wanted: Int32Array): Iterable<StoredVector> {
    for (const doc of wanted) yield* storedOf(kept, doc);
  }
  function* storedOf(kept: VectorSource, doc: number): Iterable<StoredVector> {
    if (doc >= chunks.length || chunks[doc] === 0) return;
    for (const vector of kept.of(doc)) if (vector[1].length === dims) yield vector;
  }

  const heldRows = (held: readonly number[]): HeldRows => ({
    shape,
    blocks: held,
    docOf: rows.docOf(),
    count: rows.count(),
  });

  const scan: VectorSet["scan"] = (query, mask, docs, out) => {
    checkDims(query.length);
    out.fill(0, 0, docs);
    const { values, scale } = quantizeQuery(query);
    if (scale === 0) return;
    const best = new Int32Array(out.buffer, out.byteOffset, docs);
    const wanted = { mask, docs };
    answer(
      (held) => {
        arena.views.query.set(values);
        scanBlocks(arena, heldRows(held), wanted, scale, best);
      },
      (kept) => {
        arena.views.query.set(values);
        scanStored(arena, dims, stored(kept, wanted), scale, best);
      },
    );
  };

  const sketch: VectorSet["sketch"] = (query, mask, docs, out) => {
    checkDims(query.length);
    const { values, scale } = quantizeSketchQuery(query, shape.bits);
    if (scale === 0 || total === 0) {
      out.fill(0, 0, docs);
      return;
    }
    const wanted = { mask, docs };
    // Estimates cost less than to find out which rows are wanted, so that all are made, also those of later documents.
    const columns = arena.columns(Math.max(docs, chunks.length));
    answer(
      (held) => {
        writeTables(values, arena.views.tables);
        estimateBlocks(arena, heldRows(held), scale);
      },
      (kept) => {
        writeTables(values, arena.views.tables);
        estimateStored(arena, dims, stored(kept, wanted), scale);
      },
    );
    const best = new Int32Array(out.buffer, out.byteOffset, docs);
    for (let doc = 0; doc < docs; doc++) best[doc] = columns[doc]! & -(mask[doc]! & 1);
  };

  const rescore: VectorSet["rescore"] = (query, wanted, out) => {
    checkDims(query.length);
    for (const doc of wanted) out[doc] = 0;
    const { values, scale } = quantizeQuery(query);
    if (scale === 0 || total === 0) return;
    const { addresses, scales, scores, query: question } = arena.views;
    const best = new Int32Array(out.buffer, out.byteOffset, out.length);
    question.set(values);
    const batch = new Int32Array(spanRows);
    let size = 0;
    const flush = (): void => {
      const docOf = rows.docOf();
      arena.scoreAt(shape, size, scale);
      for (let at = 0; at < size; at++) {
        const doc = docOf[batch[at]!]!;
        best[doc] = Math.max(best[doc]!, scores[at]!);
      }
      size = 0;
    };
    const fromBlocks = (held: readonly number[]): void => {
      for (const doc of wanted) {
        for (let row = rows.firstOf(doc); row >= 0; row = rows.after(row)) {
          const block = held[Math.floor(row / shape.rows)]!;
          addresses[size] = arena.rowAt(block, shape, row % shape.rows);
          scales[size] = arena.scaleOf(block, row % shape.rows);
          batch[size++] = row;
          if (size === spanRows) flush();
        }
      }
      flush();
    };
    const held = blocks;
    // Part of a question that `sketch` counted.
    if (held !== null && arena.sets.reading(set, () => fromBlocks(held))) return;
    leave();
    if (source !== undefined) scanStored(arena, dims, storedOfAll(source, wanted), scale, best);
  };

  const release = (): void => {
    if (set >= 0) arena.sets.close(set);
    set = -1;
    blocks = null;
    rows.clear();
    chunks = new Uint16Array(firstCapacity);
    total = 0;
    asked = null;
    previous = null;
  };

  return { add, remove, scan, sketch, rescore, rows: () => total, release };
};
