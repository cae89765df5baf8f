/** Secrets that lie in files, as container engines and secret stores hand them over. */
import { readFileSync } from "node:fs";
import { CairnError } from "@cairn/kernel/error";

const mostSecretBytes = 65_536;

/** The content without the line break that editors add. Throws config.invalid. */
export const readSecret = (variable: string, path: string): string => {
  try {
    const content = readFileSync(path);
    if (content.length <= mostSecretBytes) return content.toString("utf8").trim();
  } catch {
    // Said below: why does not matter, and must not tell what is on this machine.
  }
  throw new CairnError("config.invalid", `${variable} names a file that cannot be read.`, {
    hint: `Correct ${variable}, or let this account read the file.`,
  });
};
