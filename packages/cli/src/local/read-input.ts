/** Text from standard input, within bounds. */
import { CairnError } from "@cairn/kernel/error";
import type { Host } from "../host.ts";

/** Far more than any memory may hold, so that the operation says what is too long and by how much. */
const mostBytes = 4_000_000;

/** The bytes as UTF-8 without a byte order mark. Throws request.invalid when they are not, or are too many. */
export const readInput = async (host: Host): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of host.input) {
    host.signal.throwIfAborted();
    length += chunk.length;
    if (length > mostBytes)
      throw new CairnError("request.invalid", "The text on standard input is too long to be one memory.");
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new CairnError("request.invalid", "Standard input is not UTF-8 text.");
  }
};

/** A text argument, or standard input where it is `-`; the line break that shells and editors add at its end goes. */
export const textArgument = async (host: Host, argument: string): Promise<string> =>
  argument === "-" ? (await readInput(host)).replace(/\r?\n$/u, "") : argument;
