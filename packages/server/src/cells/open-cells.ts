/**
 * An engine over several (ENG-8): each cell is a database with its engine, and the directory says which one holds a
 * space. A server may know a place that is a little old; the cell itself then says `space.moved`, and the call is made
 * again where the directory says by then. Writers wait so for the short pause of a move.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import type { Engine, RememberItem, RememberOutcome, SpaceReader, SpaceWriter } from "@cairn/memory/space/engine";
import { cellLabel, type CellName } from "@cairn/store-postgres/cells/cell";

export interface CellsOptions<One extends Engine> {
  /** Addresses of the databases by the names of their cells. */
  readonly cells: Readonly<Record<string, string>>;
  /** The address of the cell without a name, where new spaces are made. */
  readonly default: string;
  readonly directory: Pick<SpaceDirectory, "resolve">;
  /** With `isCell: true`, so that the engine tells when a space has gone. */
  readonly open: (url: string) => One;
  /** How long a call waits for a move, milliseconds. */
  readonly patienceMs?: number;
}

export interface CellsEngine<One extends Engine> extends Engine {
  /** The engines that were needed so far. */
  readonly opened: () => readonly One[];
}

const readerNames: Readonly<Record<keyof SpaceReader, true>> = {
  recall: true,
  get: true,
  disputes: true,
  list: true,
  history: true,
  changes: true,
  stats: true,
  entities: true,
  entityGraph: true,
  entityMemories: true,
  vectors: true,
  vectorState: true,
  missingVectors: true,
  planSession: true,
  extractionsDue: true,
  sessionMessages: true,
  notes: true,
};
const writerNames: Readonly<Record<keyof SpaceWriter, true>> = {
  remember: true,
  update: true,
  correct: true,
  forget: true,
  restore: true,
  release: true,
  ingestSession: true,
  noteExtraction: true,
  setVectors: true,
  prepareModel: true,
  switchModel: true,
  sweep: true,
  dropNotes: true,
};

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** One function a name, each of which makes its call on the handle that it is given. */
const forward = <Handle extends object>(
  names: Readonly<Record<keyof Handle, true>>,
  call: (work: (handle: Handle) => Promise<unknown>) => Promise<unknown>,
): Handle =>
  Object.fromEntries(
    Object.keys(names).map((name) => [
      name,
      (...args: readonly unknown[]) => call((handle) => (handle[name as keyof Handle] as Method)(...args)),
    ]),
  ) as Handle;

const isMoved = (error: unknown): boolean => isCairnError(error) && error.code === "space.moved";
const wasTurnedAway = (outcome: RememberOutcome): boolean =>
  outcome.status === "failed" && outcome.error.code === "space.moved";

const firstWaitMs = 10;
const longestWaitMs = 160;

export const openCells = <One extends Engine>({
  cells,
  default: defaultUrl,
  directory,
  open,
  patienceMs = 10_000,
}: CellsOptions<One>): CellsEngine<One> => {
  const engines = new Map<CellName, One>();
  let closed = false;

  const engineIn = (cell: CellName): One => {
    if (closed) throw new CairnError("server.shutting_down", "The engine is closed.");
    const known = engines.get(cell);
    if (known !== undefined) return known;
    const url = cell === null ? defaultUrl : Object.hasOwn(cells, cell) ? cells[cell] : undefined;
    if (url === undefined) {
      const hint = "Name it in the setting `cells`, with the address of its database.";
      throw new CairnError("config.invalid", `The space is in ${cellLabel(cell)}, which this server does not know.`, {
        hint,
      });
    }
    const engine = open(url);
    engines.set(cell, engine);
    return engine;
  };

  const engineOf = async (space: string): Promise<One> => {
    const record = await directory.resolve(space);
    if (record === null) throw new CairnError("space.not_found", "There is no such space.");
    return engineIn(record.cell);
  };

  /** `work` where the space is; again while it is being moved. Throws storage.busy when that takes too long. */
  const where = async <T>(space: string, work: (engine: One) => Promise<T>): Promise<T> => {
    const until = performance.now() + patienceMs;
    for (let wait = firstWaitMs; ; wait = Math.min(longestWaitMs, wait * 2)) {
      try {
        return await work(await engineOf(space));
      } catch (error) {
        if (!isMoved(error)) throw error;
        if (performance.now() + wait <= until) {
          await sleep(wait);
          continue;
        }
        throw new CairnError(
          "storage.busy",
          "The space is being moved to another database; try again in a moment.",
          { retryAfterMs: 1_000 },
          { cause: error },
        );
      }
    }
  };

  /** A long call is stored in portions: those that the pause of a move turned away are brought again, in their order. */
  const rememberAll = async (
    space: string,
    handle: (engine: One) => SpaceWriter,
    items: readonly RememberItem[],
    atomic: boolean,
  ): Promise<readonly RememberOutcome[]> => {
    const outcomes = await where(space, (engine) => handle(engine).remember(items, atomic));
    const first = outcomes.findIndex(wasTurnedAway);
    if (first < 0) return outcomes;
    try {
      return [...outcomes.slice(0, first), ...(await rememberAll(space, handle, items.slice(first), atomic))];
    } catch (error) {
      // What was stored must be told.
      if (first === 0 || !isCairnError(error)) throw error;
      const { code, message, data } = error;
      const failed = { status: "failed" as const, error: { code, message, data } };
      return [...outcomes.slice(0, first), ...items.slice(first).map(() => failed)];
    }
  };

  return {
    read: (space) => forward(readerNames, (work) => where(space, (engine) => work(engine.read(space)))),
    write: (space, actor) => ({
      ...forward(writerNames, (work) => where(space, (engine) => work(engine.write(space, actor)))),
      remember: (items, atomic) => rememberAll(space, (engine) => engine.write(space, actor), items, atomic),
    }),
    create: (space) => where(space, (engine) => engine.create(space)),
    drop: (space) => where(space, (engine) => engine.drop(space)),
    check: (space) => where(space, (engine) => engine.check(space)),
    repair: (space) => where(space, (engine) => engine.repair(space)),
    opened: () => [...engines.values()],
    close: async () => {
      closed = true;
      await Promise.all([...engines.values()].map((engine) => engine.close()));
    },
  };
};
