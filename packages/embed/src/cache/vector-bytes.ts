/**
 * Vectors of one text as bytes, for the cache on disk: a checksum over the key and all that follows, the number of
 * vectors and their dimensions, then float32, little-endian. The checksum holds the key, so that a value which came to
 * lie under another key is as damaged as one with a wrong bit.
 */
import { endianness } from "node:os";
import { crc32 } from "node:zlib";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";

const headerBytes = 12;
const littleEndian = endianness() === "LE";

/** Unsigned, over everything behind the checksum itself. */
const checksum = (key: string, bytes: Uint8Array): number => crc32(bytes.subarray(4), crc32(key));

/** All vectors must have the same dimensions. */
export const packVectors = (key: string, vectors: PassageVectors): Buffer => {
  const dimensions = vectors[0]?.length ?? 0;
  const bytes = Buffer.alloc(headerBytes + vectors.length * dimensions * 4);
  bytes.writeUInt32LE(vectors.length, 4);
  bytes.writeUInt32LE(dimensions, 8);
  for (const [index, vector] of vectors.entries()) {
    bytes.set(
      new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength),
      headerBytes + index * dimensions * 4,
    );
  }
  if (!littleEndian) bytes.subarray(headerBytes).swap32();
  bytes.writeUInt32LE(checksum(key, bytes), 0);
  return bytes;
};

/** Null when the bytes are damaged, cut short, of another key or of a model with other dimensions. */
export const unpackVectors = (key: string, bytes: Uint8Array, dimensions: number): PassageVectors | null => {
  if (bytes.byteLength < headerBytes) return null;
  const read = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = read.readUInt32LE(4);
  if (read.readUInt32LE(8) !== dimensions || read.length !== headerBytes + count * dimensions * 4) return null;
  if (read.readUInt32LE(0) !== checksum(key, read)) return null;
  const numbers = Buffer.from(read.subarray(headerBytes));
  if (!littleEndian) numbers.swap32();
  return Array.from({ length: count }, (_, index) => {
    const vector = new Float32Array(dimensions);
    const from = index * dimensions * 4;
    new Uint8Array(vector.buffer).set(numbers.subarray(from, from + dimensions * 4));
    return vector;
  });
};
