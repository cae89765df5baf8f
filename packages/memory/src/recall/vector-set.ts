/** The port of the dense signal: cosines of one space's vectors against a question, exact within int8. */
export interface VectorSet {
  /** Adds one chunk's vector of a document: int8 values and the scale that makes them a unit vector. */
  readonly add: (doc: number, bytes: Uint8Array | Int8Array, scale: number) => void;
  readonly remove: (doc: number) => void;
  /** Writes each masked document's best cosine (at least 0) to `out`; 0 for the others up to `docs`. */
  readonly scan: (query: Float32Array, mask: Uint8Array, docs: number, out: Float32Array) => void;
  /**
   * Like `scan`, but estimated from the signs of the vectors in a fraction of the time: good enough to choose the
   * documents that `rescore` is asked about, not to rank them.
   */
  readonly sketch: (query: Float32Array, mask: Uint8Array, docs: number, out: Float32Array) => void;
  /** Writes to `out[doc]`, for the documents in `wanted` alone, what `scan` would write for them, bit for bit. */
  readonly rescore: (query: Float32Array, wanted: Int32Array, out: Float32Array) => void;
  readonly rows: () => number;
  readonly release: () => void;
}
