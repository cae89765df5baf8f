/** The signal of a session: how well its best documents match. */
import { tuning } from "./tuning.ts";

/**
 * The mean of each session's `tuning.sessionBest` best scores, by session number, of which there are `sessions`; the
 * sessions of `members` are in `sessionOf`.
 */
export const sessionMeans = (
  scores: Float32Array,
  members: Int32Array,
  sessionOf: Int32Array,
  sessions: number,
): Float32Array => {
  const kept = tuning.sessionBest;
  const best = new Float32Array(sessions * kept);
  const least = new Float32Array(sessions);
  for (let member = 0; member < members.length; member++) {
    const doc = members[member]!;
    const session = sessionOf[doc]!;
    if (scores[doc]! <= least[session]!) continue;
    // Insertion into the session's few best, in falling order; most documents are none of them.
    let value = scores[doc]!;
    for (let at = session * kept; at < (session + 1) * kept; at++) {
      const held = best[at]!;
      if (value <= held) continue;
      best[at] = value;
      value = held;
    }
    least[session] = best[session * kept + kept - 1]!;
  }
  const means = new Float32Array(sessions);
  for (let session = 1; session < sessions; session++) {
    for (let at = session * kept; at < (session + 1) * kept; at++) means[session]! += best[at]! / kept;
  }
  return means;
};
