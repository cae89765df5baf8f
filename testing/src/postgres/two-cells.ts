/** Two databases as cells with a directory beside the first, and servers over both. */
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import type { Clock } from "@cairn/kernel/clock";
import { openPostgresSpaceDirectory, type PostgresSpaceDirectory } from "@cairn/directory/postgres-space-directory";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import { type Cell, type CellName, openCell } from "@cairn/store-postgres/cells/cell";
import { openPostgresEngine } from "@cairn/store-postgres/engine";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import type { ThreadedEngine } from "@cairn/store/threads/threaded-engine";
import { engineEmbedder } from "../engine/world.ts";
import { makeDatabase, type TestDatabase } from "./postgres-or-skip.ts";
import type { MoverOptions } from "@cairn/server/cells/move-space";
import { type CellsEngine, openCells } from "@cairn/server/cells/open-cells";

export interface Server {
  readonly engine: CellsEngine<ThreadedEngine>;
  readonly directory: PostgresSpaceDirectory;
}

export interface ServeOptions {
  /** As of the engine. */
  readonly keptFrom?: number;
  readonly clock?: Clock;
  /** What the engine asks instead of the server's own directory. */
  readonly directory?: Pick<SpaceDirectory, "resolve">;
  readonly patienceMs?: number;
}

export interface TwoCells extends AsyncDisposable {
  readonly first: TestDatabase;
  /** The cell `second`. */
  readonly second: TestDatabase;
  /** An engine over both, with a directory of its own, closed with the rest. */
  readonly serve: (options?: ServeOptions) => Server;
  /** What moves spaces, with a directory of its own. */
  readonly mover: (more?: Partial<MoverOptions>) => MoverOptions;
}

/** The second one on the server of `otherServer`, a superuser's address, where it is given. */
export const makeTwoCells = async (otherServer?: string): Promise<TwoCells> => {
  const [first, second] = await Promise.all([makeDatabase(), makeDatabase(otherServer)]);
  await migrateMemory({ url: first.url });
  await migrateMemory({ url: second.url });
  await migrateDirectory({ url: first.url });
  const closing: (() => Promise<void>)[] = [];
  const openDirectory = (): PostgresSpaceDirectory => {
    const directory = openPostgresSpaceDirectory({ url: first.url });
    closing.push(directory.close);
    return directory;
  };
  return {
    first,
    second,
    serve: ({ keptFrom = 0, clock, directory: given, patienceMs } = {}) => {
      const directory = openDirectory();
      const engine = openCells({
        cells: { second: second.url },
        default: first.url,
        directory: given ?? directory,
        ...(patienceMs === undefined ? {} : { patienceMs }),
        open: (url) =>
          openPostgresEngine({
            url,
            model: engineEmbedder.model,
            threads: 0,
            connections: 4,
            keptFrom,
            vectorPoolBytes: 2 ** 24,
            isCell: true,
            ...(clock === undefined ? {} : { clock }),
          }),
      });
      closing.push(engine.close);
      return { engine, directory };
    },
    mover: (more = {}) => {
      const directory = openDirectory();
      const cells = new Map<CellName, Cell>();
      const cellOf = (name: CellName): Cell => {
        const known = cells.get(name);
        if (known !== undefined) return known;
        const cell = openCell({ name, url: (name === null ? first : second).url });
        cells.set(name, cell);
        closing.push(cell.close);
        return cell;
      };
      return { directory, cellOf, ...more };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(closing.map((close) => close()));
      await Promise.all([first.drop(), second.drop()]);
    },
  };
};
