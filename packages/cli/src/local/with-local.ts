/** The door from a command to the data folder; what lies behind it is loaded only when a command goes through. */
import { resolve } from "node:path";
import type { SettingsFlags } from "@cairn/server/settings";
import { type Given, flagOf, textOf } from "../command.ts";
import type { Host } from "../host.ts";
import { escapeLine } from "../output/escape-text.ts";
import type { Local } from "./open-local.ts";

/** The options of `dataOptions` as settings take them; paths are those of the folder that the user stands in. */
export const settingsFlags = (host: Host, given: Given): SettingsFlags => {
  const path = (name: string): string | undefined => {
    const value = textOf(given, name);
    return value === undefined || value.trim() === "" || value.startsWith("~") ? value : resolve(host.cwd, value);
  };
  const found = {
    data: path("data"),
    config: path("config"),
    instance: textOf(given, "instance"),
    database_url: textOf(given, "database-url"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};

export const withLocal = async <Result>(
  host: Host,
  given: Given,
  work: (local: Local) => Promise<Result>,
): Promise<Result> => {
  const { openLocal } = await import("./open-local.ts");
  await using local = await openLocal(settingsFlags(host, given), host);
  if (!flagOf(given, "json")) {
    for (const warning of local.settings.warnings) await host.err.write(`${escapeLine(warning)}\n`);
  }
  return await work(local);
};
