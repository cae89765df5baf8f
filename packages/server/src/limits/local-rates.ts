/** Rates counted in this process: what holds while the counters of all servers cannot be reached. */
import type { RateHit } from "@cairn/directory/limits/limit-counters";
import { answerOf, hasRoom, type RateAnswer, type RateRow, rolled } from "@cairn/directory/limits/rate-window";
import type { Clock } from "@cairn/kernel/clock";

const mostKeys = 10_000;

export const makeLocalRates = (clock: Clock): ((hits: readonly RateHit[]) => readonly RateAnswer[]) => {
  const rows = new Map<string, RateRow>();
  return (hits) =>
    hits.map(({ key, most, windowMs }) => {
      const name = `${key} ${windowMs}`;
      const at = clock();
      const row = rolled(rows.get(name) ?? null, windowMs, at);
      const admitted = hasRoom(row, most, windowMs, at);
      const counted = admitted ? { ...row, count: row.count + 1 } : row;
      rows.delete(name);
      rows.set(name, counted);
      const [oldest] = rows.keys();
      if (rows.size > mostKeys && oldest !== undefined) rows.delete(oldest);
      return answerOf(counted, most, windowMs, at, admitted);
    });
};
