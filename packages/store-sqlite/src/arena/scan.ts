/** The WebAssembly of `scan.wat` as typed functions. Arguments are addresses in bytes unless they are counts. */
import { scanWasmBase64 } from "./scan-wasm.ts";

/** Bytes of one page, the unit in which a WebAssembly memory grows. */
export const pageBytes = 65_536;

/** All that 32-bit addresses reach. */
export const mostPages = 65_536;

export interface ScanMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages and detaches `buffer`; throws a RangeError when it cannot. */
  readonly grow: (pages: number) => number;
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
  /** Raises `best` of the documents in `mask` to the estimates of `count` consecutive rows from their sketches. */
  readonly estimateBest: (
    sketches: number,
    factors: number,
    documents: number,
    count: number,
    bits: number,
    tables: number,
    queryScale: number,
    scores: number,
    mask: number,
    best: number,
  ) => void;
}

/** The part of the global that is used here: its types come with the browser's library, which Node's code must not see. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => ScanMemory;
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

/** A memory of one page that may grow to `maximumPages`, and the functions that work on it. */
export const makeScan = (maximumPages: number): { readonly memory: ScanMemory; readonly scan: Scan } => {
  const { Memory, Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
  const memory = new Memory({ initial: 1, maximum: maximumPages });
  const { exports } = new Instance(new Module(Buffer.from(scanWasmBase64, "base64")), { arena: { memory } });
  return { memory, scan: exports as Scan };
};
