/** Checks what is put into the queue, and gives it the form in which engines keep it. */
import { createHash } from "node:crypto";
import { minMillis, maxMillis } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { NewJob } from "./job-store.ts";
import { jobLimits, type JobType } from "./job-type.ts";
import type { JobToEnqueue, ListJobs } from "./jobs.ts";

const invalid = (message: string, hint: string): CairnError => new CairnError("request.invalid", message, { hint });

const { keyLength, queueLength, payloadBytes, priority: farthest, batch } = jobLimits;

const checkName = (what: string, name: string | undefined, most: number): void => {
  if (name === undefined || (name.length > 0 && name.length <= most && !name.includes("\0"))) return;
  throw invalid(`The ${what} of a job is unfit.`, `Give 1 to ${most} characters without U+0000.`);
};

/** Keys are told apart by the job's name; a queue of its own keeps jobs of one key from running at once. */
const queueOfKey = (name: string, key: string): string =>
  `key:${createHash("sha256").update(`${name}\0${key}`).digest("base64url")}`;

export const checkedJob = (type: JobType, { payload, key, runAt, queue, priority = 0 }: JobToEnqueue): NewJob => {
  checkName("key", key, keyLength);
  checkName("queue", queue, queueLength);
  if (!Number.isInteger(priority) || Math.abs(priority) > farthest) {
    throw invalid("The priority of a job is unfit.", `Give a whole number from -${farthest} to ${farthest}.`);
  }
  if (runAt !== undefined && !(runAt >= minMillis && runAt <= maxMillis)) {
    throw invalid("The time of a job is unfit.", "Give milliseconds since 1970 UTC.");
  }
  type.check(payload);
  const text = JSON.stringify(payload) as string | undefined;
  if (text === undefined) throw invalid("The payload of a job is not JSON.", "Give an object of ids.");
  if (Buffer.byteLength(text) > payloadBytes) {
    const hint = `A payload holds ids, in at most ${payloadBytes} bytes of JSON.`;
    throw new CairnError("request.too_large", "The payload of a job is too large.", { hint });
  }
  return {
    name: type.name,
    payload: text,
    key: key ?? null,
    queue: queue ?? (key === undefined ? null : queueOfKey(type.name, key)),
    priority,
    runAt: runAt === undefined ? null : Math.round(runAt),
    mostAttempts: type.retries + 1,
  };
};

export const isJobId = (id: string): boolean => /^[1-9]\d{0,15}$/u.test(id);

export const checkedList = (options: ListJobs): Required<Pick<ListJobs, "limit">> & ListJobs => {
  const { limit = 50, cursor, name } = options;
  checkName("name", name, keyLength);
  if (!Number.isInteger(limit) || limit < 1 || limit > batch) {
    throw invalid("The limit is unfit.", `Give a whole number from 1 to ${batch}.`);
  }
  if (cursor !== undefined && !isJobId(cursor)) {
    throw invalid("The cursor is unfit.", "Give the cursor of the page before.");
  }
  return { ...options, limit };
};
