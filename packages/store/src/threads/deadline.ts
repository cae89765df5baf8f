/**
 * Deadlines across threads (REC-6): a storage thread that is busy cannot say that time is up, so who asked it does.
 * What the thread answers later is dropped, and what it has not begun by then it passes over.
 */
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import type { Request } from "./request.ts";

/**
 * A thread that is idle answers within the first, however short the deadline: something is better than nothing. Where
 * the deadline had passed before anyone was asked, there is none to keep.
 */
const leastMs = 5;
const leastPastMs = 100;

/** What is known of a space that has said nothing. */
export const nothingYet: RecallAnswer = { hits: [], total: 0, partial: true, model: null };

/** Wall clock; null for none. */
const deadlineOf = ({ name, args }: Request): number | null =>
  name === "recall" ? ((args[0] as RecallQuery).deadlineAt ?? null) : null;

/** When the caller is answered without the thread, wall clock; null for never. */
export const cutOf = (request: Request, sentAt: number): number | null => {
  const deadline = deadlineOf(request);
  if (deadline === null) return null;
  return deadline <= sentAt ? sentAt + leastPastMs : Math.max(deadline, sentAt + leastMs);
};

/** The answer, or an empty partial one at `cutAt` (wall clock). */
export const byDeadline = async (answer: Promise<unknown>, cutAt: number): Promise<unknown> => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const timer = setTimeout(resolve, Math.max(0, cutAt - Date.now()), nothingYet);
  // A failure that comes after the answer concerns nobody.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
};
