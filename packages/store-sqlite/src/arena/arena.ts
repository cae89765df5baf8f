/**
 * One WebAssembly memory for the vectors of all hot spaces of a thread. A memory each would cost every small space
 * megabytes; here a space holds blocks of 256 rows and gives them back when it goes cold.
 *
 * The memory is one page of scratch (the question, the scores and the list of one call) and then regions of 4 MiB. A
 * region is cut into blocks of one size, which follows from the number of dimensions; when its last block comes back it
 * may be cut anew (slab allocation, Bonwick 1994). So a change of the embedding model, which moves every space to
 * another number of dimensions, leaves no memory behind that nobody can use, and allocation and release stay O(1).
 * Regions that were never written cost no real memory.
 *
 * A block is, for 256 rows, their float32 scales, the float32 factors of their sketches, the int32 numbers of their
 * documents, their sketches, 32 interleaved, and their `width` bytes each. Its address is its name.
 *
 * Growing the memory detaches every view of it: take `views()` anew after `allocate`, never keep it.
 */
import { CairnError } from "@cairn/kernel/error";
import { mostDimensions } from "./quantize.ts";
import { makeScan, mostPages, pageBytes } from "./scan.ts";
import { sketchBits, tableBytes } from "./sketch.ts";

export const blockRows = 256;

/** Bytes of a row: the dimensions, and zeros up to a multiple of what one vector register holds. */
export const rowWidth = (dims: number): number => Math.ceil(dims / 16) * 16;

const regionBytes = 64 * pageBytes;
const scratchBytes = pageBytes;
const queryAt = 0;
const scoresAt = mostDimensions * Int16Array.BYTES_PER_ELEMENT;
const numberBytes = blockRows * Float32Array.BYTES_PER_ELEMENT;
const listAt = scoresAt + numberBytes;
const addressesAt = listAt + blockRows;
const scalesAt = addressesAt + numberBytes;
const workAt = scalesAt + numberBytes;
const tablesAt = workAt + mostDimensions * Int16Array.BYTES_PER_ELEMENT;

/** Sketches lie 32 rows interleaved: first byte of each, second byte of each, … */
const sketchGroup = 32;
const factorsIn = numberBytes;
const documentsIn = 2 * numberBytes;
const sketchesIn = 3 * numberBytes;
const rowsIn = (width: number): number => sketchesIn + (blockRows * sketchBits(width)) / 8;
/** Bytes of a block for rows of `width` bytes. */
const blockBytesFor = (width: number): number => rowsIn(width) + blockRows * width;

export interface ArenaViews {
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  /** Scratch of the next call: the question. Past its dimensions it may hold anything, because rows hold zeros there. */
  readonly query: Int16Array;
  /** Scratch: numbers of the rows to score. */
  readonly list: Uint8Array;
  /** Scratch: where the rows for `scoreAt` begin, and their scales. */
  readonly addresses: Int32Array;
  readonly scales: Float32Array;
  /** Scratch: the tables of the question for `estimateBest`. */
  readonly tables: Uint8Array;
  /** Scratch: what the last call scored, as the bits of float32 numbers of which none is below 0. */
  readonly scores: Int32Array;
}

/** One number a document for `estimateBest`; valid until the memory grows. */
export interface Columns {
  readonly maskAt: number;
  readonly bestAt: number;
  /** 1 for the documents that are wanted, 0 for the others. */
  readonly mask: Uint8Array;
  readonly best: Float32Array;
}

export interface ArenaBytes {
  /** In blocks that spaces hold. */
  readonly used: number;
  /** Taken from the system's address space so far. */
  readonly reserved: number;
  readonly maximum: number;
}

export interface Arena {
  /** The address of a block for rows of `width` bytes, its content undefined; `limit.exceeded` when none is left. */
  readonly allocate: (width: number) => number;
  readonly release: (block: number) => void;
  /** Where a row's bytes begin in `views().bytes`. */
  readonly rowAt: (block: number, row: number, width: number) => number;
  /** Where a row's scale lies in `views().floats`. */
  readonly scaleAt: (block: number, row: number) => number;
  /** Where the number of a row's document lies in `views().integers`. */
  readonly documentAt: (block: number, row: number) => number;
  readonly views: () => ArenaViews;
  /** Scores the first `count` rows of a block against `views().query` into `views().scores`. */
  readonly scoreAll: (block: number, count: number, width: number, queryScale: number) => void;
  /** The same for the `count` rows in `views().list`, in the list's order. */
  readonly scoreListed: (block: number, count: number, width: number, queryScale: number) => void;
  /** The same for the first `count` rows, at most 256, whose addresses and scales `views()` holds. */
  readonly scoreAt: (count: number, width: number, queryScale: number) => void;
  /** Makes a row's sketch from its bytes and its scale: after every change of either. */
  readonly sketchRow: (block: number, row: number, width: number) => void;
  /**
   * Room for the masks and results of `estimateBest` over documents below `count`, kept for later calls;
   * `limit.exceeded` when there is none. The mask holds what an earlier call left, the results 0.
   */
  readonly columns: (count: number) => Columns;
  /** Raises the results of the documents in the mask to the estimates of the first `count` rows of a block. */
  readonly estimateBest: (block: number, count: number, width: number, queryScale: number, columns: Columns) => void;
  readonly bytes: () => ArenaBytes;
}

interface Region {
  blockBytes: number;
  /** Addresses of the blocks that nobody holds. */
  readonly free: number[];
  held: number;
  /** Place among the regions of its block size that have free blocks; −1 when full or not cut. */
  place: number;
}

const viewsOf = (buffer: ArrayBuffer): ArenaViews => ({
  bytes: new Uint8Array(buffer),
  floats: new Float32Array(buffer),
  integers: new Int32Array(buffer),
  query: new Int16Array(buffer, queryAt, mostDimensions),
  list: new Uint8Array(buffer, listAt, blockRows),
  addresses: new Int32Array(buffer, addressesAt, blockRows),
  scales: new Float32Array(buffer, scalesAt, blockRows),
  tables: new Uint8Array(buffer, tablesAt, tableBytes(mostDimensions)),
  scores: new Int32Array(buffer, scoresAt, blockRows),
});

/** `maximumBytes` bounds the memory, scratch included; without it, 4 GiB (all that 32-bit addresses reach). */
export const makeArena = (options: { readonly maximumBytes?: number } = {}): Arena => {
  const maximum = Math.min(options.maximumBytes ?? mostPages * pageBytes, mostPages * pageBytes);
  const { memory, scan } = makeScan(Math.max(1, Math.floor(maximum / pageBytes)));
  let views = viewsOf(memory.buffer);
  const regions: Region[] = [];
  const uncut: number[] = [];
  const open = new Map<number, number[]>();
  let used = 0;

  const regionStart = (region: number): number => scratchBytes + region * regionBytes;

  const grow = (): number => {
    const full = () => new CairnError("limit.exceeded", `The memory for vectors is full (${maximum} bytes).`);
    if (memory.buffer.byteLength + regionBytes > maximum) throw full();
    try {
      memory.grow(regionBytes / pageBytes);
    } catch {
      throw full();
    }
    views = viewsOf(memory.buffer);
    return regions.push({ blockBytes: 0, free: [], held: 0, place: -1 }) - 1;
  };

  const putOpen = (at: number): void => {
    const region = regions[at]!;
    const list = open.get(region.blockBytes);
    if (list === undefined) open.set(region.blockBytes, [at]);
    region.place = list === undefined ? 0 : list.push(at) - 1;
  };
  const takeOpen = (at: number): void => {
    const region = regions[at]!;
    const list = open.get(region.blockBytes)!;
    const last = list.pop()!;
    if (last !== at) {
      list[region.place] = last;
      regions[last]!.place = region.place;
    }
    region.place = -1;
  };

  /** A region without blocks becomes one of blocks of `blockBytes`. */
  const cut = (blockBytes: number): number => {
    const at = uncut.pop() ?? grow();
    const region = regions[at]!;
    region.blockBytes = blockBytes;
    // The lowest address comes off the stack first.
    for (let block = Math.floor(regionBytes / blockBytes) - 1; block >= 0; block--) {
      region.free.push(regionStart(at) + block * blockBytes);
    }
    putOpen(at);
    return at;
  };

  /** Regions that follow each other, for the columns of the largest set so far. */
  let columnRegions: readonly number[] = [];
  const columnsFor = (need: number): number => {
    if (need >= columnRegions.length * regionBytes) {
      const fresh: number[] = [];
      try {
        while (need >= fresh.length * regionBytes) fresh.push(grow());
      } catch (error) {
        uncut.push(...fresh);
        throw error;
      }
      uncut.push(...columnRegions);
      columnRegions = fresh;
    }
    return regionStart(columnRegions[0]!);
  };

  return {
    allocate: (width) => {
      const blockBytes = blockBytesFor(width);
      const at = open.get(blockBytes)?.at(-1) ?? cut(blockBytes);
      const region = regions[at]!;
      const block = region.free.pop()!;
      region.held++;
      used += blockBytes;
      if (region.free.length === 0) takeOpen(at);
      return block;
    },
    release: (block) => {
      const at = Math.floor((block - scratchBytes) / regionBytes);
      const region = regions[at]!;
      region.free.push(block);
      region.held--;
      used -= region.blockBytes;
      if (region.place < 0) putOpen(at);
      if (region.held > 0) return;
      takeOpen(at);
      region.free.length = 0;
      region.blockBytes = 0;
      uncut.push(at);
    },
    rowAt: (block, row, width) => block + rowsIn(width) + row * width,
    scaleAt: (block, row) => block / Float32Array.BYTES_PER_ELEMENT + row,
    documentAt: (block, row) => (block + documentsIn) / Int32Array.BYTES_PER_ELEMENT + row,
    views: () => views,
    scoreAll: (block, count, width, queryScale) =>
      scan.scoreAll(block + rowsIn(width), block, count, width, queryAt, queryScale, scoresAt),
    scoreListed: (block, count, width, queryScale) =>
      scan.scoreListed(block + rowsIn(width), block, listAt, count, width, queryAt, queryScale, scoresAt),
    scoreAt: (count, width, queryScale) =>
      scan.scoreAt(addressesAt, scalesAt, count, width, queryAt, queryScale, scoresAt),
    sketchRow: (block, row, width) => {
      const bits = sketchBits(width);
      const inGroup = row % sketchGroup;
      const sketch = block + sketchesIn + ((row - inGroup) * bits) / 8 + inGroup;
      const scale = views.floats[block / Float32Array.BYTES_PER_ELEMENT + row]!;
      const factor = block + factorsIn + row * Float32Array.BYTES_PER_ELEMENT;
      scan.sketchRow(block + rowsIn(width) + row * width, width, scale, bits, workAt, sketch, factor);
    },
    columns: (documents) => {
      const maskBytes = Math.ceil(documents / 16) * 16;
      const maskAt = columnsFor(maskBytes + documents * Float32Array.BYTES_PER_ELEMENT);
      const bestAt = maskAt + maskBytes;
      const best = new Float32Array(memory.buffer, bestAt, documents).fill(0);
      return { maskAt, bestAt, mask: new Uint8Array(memory.buffer, maskAt, documents), best };
    },
    estimateBest: (block, count, width, queryScale, { maskAt, bestAt }) =>
      scan.estimateBest(
        block + sketchesIn,
        block + factorsIn,
        block + documentsIn,
        count,
        sketchBits(width),
        tablesAt,
        queryScale,
        scoresAt,
        maskAt,
        bestAt,
      ),
    bytes: () => ({ used, reserved: memory.buffer.byteLength, maximum }),
  };
};
