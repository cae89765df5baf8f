/** `cairn admin cells`: which databases there are, whether they answer, and how many spaces each serves. */
import { toCairnError } from "@cairn/kernel/error";
import { placeOf } from "@cairn/server/storage/database-place";
import { checkReachable } from "@cairn/store-postgres/cells/cell";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { printJson } from "../output/json-document.ts";
import { styleFor } from "../output/style.ts";
import { tableText } from "../output/table.ts";
import { type OpenedMover, shownCell } from "./with-mover.ts";

const pageSize = 1_000;

interface Spaces {
  served: number;
  arriving: number;
}

const countSpaces = async ({ directory }: OpenedMover, signal: AbortSignal): Promise<ReadonlyMap<string, Spaces>> => {
  const counts = new Map<string, Spaces>();
  const of = (cell: string | null): Spaces => {
    const known = counts.get(shownCell(cell)) ?? { served: 0, arriving: 0 };
    counts.set(shownCell(cell), known);
    return known;
  };
  for (let after: string | null = null; ;) {
    signal.throwIfAborted();
    const page = await directory.page({ after, limit: pageSize });
    for (const { cell, move } of page) {
      of(cell).served++;
      if (move !== null && move.to !== cell) of(move.to).arriving++;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return counts;
    after = last.id;
  }
};

export const listCells = async (host: Host, mover: OpenedMover, json: boolean): Promise<ExitCode> => {
  const counts = await countSpaces(mover, host.signal);
  const known = mover.names.map(shownCell);
  // Spaces may lie where the settings of this machine do not reach.
  const names = [...known, ...[...counts.keys()].filter((name) => !known.includes(name))];
  const cells = await Promise.all(
    names.map(async (name) => {
      const own = mover.names.find((one) => shownCell(one) === name);
      const { served = 0, arriving = 0 } = counts.get(name) ?? {};
      if (own === undefined) return { name, place: null, state: "not in the settings", spaces: served, arriving };
      const state = await checkReachable(mover.cellOf(own)).then(
        () => "ready",
        (error: unknown) => toCairnError(error).code,
      );
      const place = placeOf(own === null ? mover.url : (mover.cells[own] ?? ""));
      return { name, place, state, spaces: served, arriving };
    }),
  );
  if (json) await printJson(host, { cells });
  else {
    const rows = cells.map(({ name, spaces, arriving, state, place }) => [
      name,
      String(spaces),
      String(arriving),
      state,
      place ?? "",
    ]);
    await host.out.write(tableText(["cell", "spaces", "arriving", "state", "where"], rows, styleFor(host, host.out)));
  }
  return cells.every(({ state }) => state === "ready") ? exitCodes.ok : exitCodes.failure;
};
