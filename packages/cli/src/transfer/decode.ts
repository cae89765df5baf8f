/** Bytes of a file as text: UTF-8, or UTF-16 where a byte order mark says so, as Windows programs write it. */
import { CairnError } from "@cairn/kernel/error";

const encodingOf = (chunk: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" => {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return "utf-16le";
  return chunk[0] === 0xfe && chunk[1] === 0xff ? "utf-16be" : "utf-8";
};

/** Throws import.invalid when the bytes are no text. */
export async function* decodeChunks(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  try {
    for await (const chunk of chunks) {
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      yield decoder.decode(chunk, { stream: true });
    }
    if (decoder !== undefined) yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CairnError(
      "import.invalid",
      `${name} is not text in UTF-8.`,
      { hint: "Save it as UTF-8 and import it again." },
      { cause: error },
    );
  }
}
