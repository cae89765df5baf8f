/** How far something slow has come: a bar that redraws itself on a terminal, a line now and then elsewhere. */
import type { Host } from "../host.ts";
import { escapeLine } from "./escape-text.ts";

export interface Progress {
  /** `done` of `total` (`null`: unknown); `text` says what was reached. */
  readonly update: (done: number, total: number | null, text: string) => Promise<void>;
  readonly finish: () => Promise<void>;
}

const barCells = 24;
const redrawMs = 100;
const lineMs = 5_000;

const barText = (done: number, total: number | null): string => {
  if (total === null || total === 0) return "";
  const share = Math.min(1, done / total);
  const full = Math.round(share * barCells);
  return `${"█".repeat(full)}${"░".repeat(barCells - full)} ${String(Math.floor(share * 100)).padStart(3)} %  `;
};

export const silentProgress: Progress = { update: async () => {}, finish: async () => {} };

export const makeProgress = (host: Host, now: () => number = () => performance.now()): Progress => {
  const { err } = host;
  let last = err.isTTY ? Number.NEGATIVE_INFINITY : now();
  let drawn = false;
  return {
    update: async (done, total, text) => {
      if (now() - last < (err.isTTY ? redrawMs : lineMs)) return;
      last = now();
      const room = Math.max(10, err.columns() - 1);
      if (err.isTTY) await err.write(`\r${`${barText(done, total)}${escapeLine(text)}`.slice(0, room)}\u001b[K`);
      else await err.write(`${escapeLine(text)}\n`);
      drawn = true;
    },
    finish: async () => {
      if (drawn && err.isTTY) await err.write("\r\u001b[K");
    },
  };
};
