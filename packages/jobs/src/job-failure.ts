/** What is kept of a failure: a code and a short sentence that hold no content and no secrets. */
import { CairnError, type ErrorCode, isCairnError, toCairnError } from "@cairn/kernel/error";

export interface JobFailure {
  /** job.timed_out: it did not end within its time. job.lost: whoever ran it died or could not be heard of. */
  readonly code: ErrorCode | "job.timed_out" | "job.lost";
  readonly message: string;
}

const longestMessage = 300;

export const timedOut: JobFailure = { code: "job.timed_out", message: "The job did not end within its time." };
export const lost: JobFailure = { code: "job.lost", message: "The server that ran the job ended or fell silent." };

/** Only our own errors say something that may be shown; of all others the code `internal` is kept. */
export const failureOf = (error: unknown): JobFailure => {
  const { code, message } = toCairnError(error);
  return { code, message: message.slice(0, longestMessage) };
};

/** How long the failed work asked to be left in peace, milliseconds. */
export const askedPause = (error: unknown): number => (isCairnError(error) ? (error.data.retryAfterMs ?? 0) : 0);

export const stopping = (): CairnError => new CairnError("server.shutting_down", "The server is stopping.");

/** What was written by `JSON.stringify`; null for what nobody of ours wrote. */
export const readFailure = (text: string | null): JobFailure | null => {
  if (text === null) return null;
  try {
    const { code, message } = JSON.parse(text) as JobFailure;
    return { code, message };
  } catch {
    return { code: "internal", message: "The job failed." };
  }
};
