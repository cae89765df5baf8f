/** Every command there is, in the order of `cairn help`; each is loaded only when it is wanted. */
import type { Command, CommandTable } from "./command.ts";

type Loader = () => Promise<Command>;

const loaders: ReadonlyMap<string, Loader> = new Map<string, Loader>([
  ["remember", async () => (await import("./commands/remember.ts")).remember],
  ["recall", async () => (await import("./commands/recall.ts")).recall],
  ["get", async () => (await import("./commands/get.ts")).get],
  ["list", async () => (await import("./commands/list.ts")).list],
  ["correct", async () => (await import("./commands/correct.ts")).correct],
  ["update", async () => (await import("./commands/update.ts")).update],
  ["forget", async () => (await import("./commands/forget.ts")).forget],
  ["restore", async () => (await import("./commands/restore.ts")).restore],
  ["release", async () => (await import("./commands/release.ts")).release],
  ["history", async () => (await import("./commands/history.ts")).history],
  ["entities", async () => (await import("./commands/entities.ts")).entities],
  ["sessions", async () => (await import("./commands/sessions.ts")).sessions],
  ["capture", async () => (await import("./commands/capture.ts")).capture],
  ["import", async () => (await import("./commands/import.ts")).importCommand],
  ["export", async () => (await import("./commands/export.ts")).exportCommand],
  ["stats", async () => (await import("./commands/stats.ts")).stats],
  ["spaces", async () => (await import("./commands/spaces.ts")).spaces],
  ["embedder", async () => (await import("./commands/embedder.ts")).embedder],
  ["jobs", async () => (await import("./commands/jobs.ts")).jobs],
  ["serve", async () => (await import("./commands/serve.ts")).serve],
  ["mcp", async () => (await import("./commands/mcp.ts")).mcp],
  ["init", async () => (await import("./commands/init.ts")).init],
  ["uninit", async () => (await import("./commands/uninit.ts")).uninit],
  ["doctor", async () => (await import("./commands/doctor.ts")).doctor],
  ["admin", async () => (await import("./commands/admin.ts")).admin],
  ["completion", async () => (await import("./commands/completion.ts")).makeCompletion(commandTable)],
  ["help", async () => (await import("./commands/help.ts")).makeHelp(commandTable)],
]);

export const commandTable: CommandTable = {
  names: [...loaders.keys()],
  load: async (name) => (await loaders.get(name)?.()) ?? null,
  loadAll: () => Promise.all(Array.from(loaders.values(), (load) => load())),
};
