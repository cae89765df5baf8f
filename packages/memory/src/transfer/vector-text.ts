/** Vectors as text: base64 of their float32 numbers, least byte first on every machine. */
export const encodeVector = (values: Float32Array): string => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
};

/** `null` when the text is not base64 of whole float32 numbers, all of them finite. */
export const decodeVector = (text: string): Float32Array | null => {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length % 4 !== 0) return null;
  const values = Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  return values.every(Number.isFinite) ? values : null;
};
