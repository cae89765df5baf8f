/**
 * The commands behind `cairn admin <noun>`, each a command of its own with its own options; loaded only when it is
 * wanted.
 */
import type { Command, CommandTable } from "../command.ts";

const loaders: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["cells", async () => (await import("./commands/cells.ts")).cells],
  ["space", async () => (await import("./commands/space.ts")).space],
]);

export const adminTable: CommandTable = {
  names: [...loaders.keys()],
  load: async (name) => (await loaders.get(name)?.()) ?? null,
  loadAll: () => Promise.all(Array.from(loaders.values(), (load) => load())),
};
