/** A conversation from a file or from standard input. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import type { Host } from "../host.ts";
import { readInput } from "../local/read-input.ts";
import { readTranscript, type Transcript } from "./read-transcript.ts";

/** `-` is standard input. Throws import.invalid for what cannot be read. */
export const transcriptFrom = async (host: Host, file: string): Promise<Transcript> => {
  if (file === "-") return readTranscript(await readInput(host), "standard input");
  const source = await readFile(resolve(host.cwd, file), "utf8").catch((error: unknown) => {
    throw new CairnError(
      "import.invalid",
      `${file} cannot be read.`,
      { hint: "Check its name and that you may read it." },
      { cause: error },
    );
  });
  return readTranscript(source, file);
};
