/** The WebAssembly of `scan.wat` as typed functions. Arguments are addresses in bytes unless they are counts. */
import { scanWasmBase64 } from "./scan-wasm.ts";

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

export interface Scan {
  /** Scores `count` consecutive rows. */
  readonly scoreAll: (
    rows: number,
    scales: number,
    count: number,
    width: number,
    query: number,
    queryScale: number,
    out: number,
  ) => void;
  /** Scores the `count` rows whose numbers, one byte each, stand at `list`. */
  readonly scoreListed: (
    rows: number,
    scales: number,
    list: number,
    count: number,
    width: number,
    query: number,
    queryScale: number,
    out: number,
  ) => void;
  /** Scores the `count` rows whose addresses stand at `addresses` and their scales at `scales`. */
  readonly scoreAt: (
    addresses: number,
    scales: number,
    count: number,
    width: number,
    query: number,
    queryScale: number,
    out: number,
  ) => void;
  /** Writes a row's sketch and factor; `work` has room for `bits` 16-bit numbers. */
  readonly sketchRow: (
    row: number,
    width: number,
    scale: number,
    bits: number,
    work: number,
    sketch: number,
    factor: number,
  ) => void;
  /**
   * Estimates `count` consecutive rows, the first of a group of 32, from their sketches, and raises the numbers of their
   * documents in the columns; `scores` has room for groups of 32.
   */
  readonly estimateBest: (
    sketches: number,
    factors: number,
    documents: number,
    count: number,
    bits: number,
    tables: number,
    queryScale: number,
    scores: number,
  ) => void;
}

/** A memory of this thread alone, one float32 a document. */
export interface ColumnMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages and detaches `buffer`; throws a RangeError when it cannot. */
  readonly grow: (pages: number) => number;
}

/** The part of the global that is used here: its types come with the browser's library, which Node's code must not see. */
interface WebAssemblyApi {
  readonly Memory: {
    new (size: { readonly initial: number; readonly maximum: number; readonly shared: true }): SharedMemory;
    new (size: { readonly initial: number }): ColumnMemory;
  };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const webAssembly = (): WebAssemblyApi =>
  (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** A memory of zeros that may be sent to other threads; throws a RangeError when there is no room for it. */
export const makeSharedMemory = (pages: number): SharedMemory => {
  const { Memory } = webAssembly();
  return new Memory({ initial: pages, maximum: pages, shared: true });
};

/** The functions that work on a memory, for this thread, and its columns. */
export const makeScan = (memory: SharedMemory): { readonly scan: Scan; readonly columns: ColumnMemory } => {
  const { Memory, Module, Instance } = webAssembly();
  const columns = new Memory({ initial: 0 });
  const { exports } = new Instance(new Module(Buffer.from(scanWasmBase64, "base64")), { arena: { memory, columns } });
  return { scan: exports as Scan, columns };
};
