/**
 * The commands behind `cairn admin <noun>`, each a command of its own with its own options; loaded only when it is
 * wanted.
 */
import type { Command, CommandTable } from "../command.ts";

const loaders: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["init", async () => (await import("./commands/init.ts")).init],
  ["org", async () => (await import("./commands/org.ts")).org],
  ["user", async () => (await import("./commands/user.ts")).user],
  ["member", async () => (await import("./commands/member.ts")).member],
  ["invite", async () => (await import("./commands/invite.ts")).invite],
  ["key", async () => (await import("./commands/key.ts")).key],
  ["grant", async () => (await import("./commands/grant.ts")).grant],
  ["plan", async () => (await import("./commands/plan.ts")).plan],
  ["usage", async () => (await import("./commands/usage.ts")).usage],
  ["audit", async () => (await import("./commands/audit.ts")).audit],
  ["provider", async () => (await import("./commands/provider.ts")).provider],
  ["token-keys", async () => (await import("./commands/token-keys.ts")).tokenKeys],
  ["secret", async () => (await import("./commands/secret.ts")).secret],
  ["cells", async () => (await import("./commands/cells.ts")).cells],
  ["space", async () => (await import("./commands/space.ts")).space],
]);

export const adminTable: CommandTable = {
  names: [...loaders.keys()],
  load: async (name) => (await loaders.get(name)?.()) ?? null,
  loadAll: () => Promise.all(Array.from(loaders.values(), (load) => load())),
};
