/** What went wrong with a file of ours while a model was downloaded, as a coded error that says what to do. */
import { CairnError, isCairnError } from "@cairn/kernel/error";

export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const full: readonly string[] = ["ENOSPC", "EDQUOT"];
const refused: readonly string[] = ["EACCES", "EPERM", "EROFS"];

/** Errors of the file system as `storage.*`; whatever else was thrown comes back as it is. */
export const asFileFault = (error: unknown): unknown => {
  if (isCairnError(error)) return error;
  const code = codeOf(error);
  if (full.includes(code)) {
    const hint = "Free some space and run the command again: it goes on where it stopped.";
    return new CairnError("storage.full", "The disk is full; the model is not complete.", { hint }, { cause: error });
  }
  if (refused.includes(code)) {
    const hint = "Give yourself the right to write to the data folder, or choose another one with CAIRN_DATA.";
    return new CairnError("storage.read_only", "The folder of models cannot be written.", { hint }, { cause: error });
  }
  return error;
};
