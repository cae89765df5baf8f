/** Engines on databases of their own, for the suites that every engine runs. */
import { openPostgresEngine, type PostgresEngineOptions } from "@cairn/store-postgres/engine";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import { engineEmbedder, type EngineConformance } from "../engine/world.ts";
import { makeDatabase } from "./postgres-or-skip.ts";

type Options = Partial<Omit<PostgresEngineOptions, "url" | "clock">>;

/** One database a file: spaces keep its tests apart. */
export const postgresEngines = (options: Options): EngineConformance => {
  let database: Promise<Awaited<ReturnType<typeof makeDatabase>>> | undefined;
  const make = async () => {
    const made = await makeDatabase();
    await migrateMemory({ url: made.url });
    return made;
  };
  return {
    takesClock: options.threads === 0,
    open: async ({ clock } = {}) => {
      const { url } = await (database ??= make());
      const open = () =>
        openPostgresEngine({ url, model: engineEmbedder.model, ...options, ...(clock === undefined ? {} : { clock }) });
      let engine = open();
      return {
        engine,
        reopen: async () => {
          await engine.close();
          engine = open();
          return engine;
        },
        remove: () => engine.close(),
      };
    },
  };
};
