import type { Settings } from "@cairn/server/settings";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { printJson } from "../output/json-document.ts";
import { sizeText } from "../output/size-text.ts";
import { styleFor } from "../output/style.ts";
import { tableText } from "../output/table.ts";
import { type KnownEmbedder, knownEmbedders } from "./known-embedders.ts";

const whereOf = ({ name, folder, available }: KnownEmbedder): string => {
  if (folder !== null) return folder;
  if (name === "builtin") return "built in";
  if (name === "openai") return available ? "a service" : "not set up";
  return "not here";
};

export const listEmbedders = async (host: Host, settings: Settings, json: boolean): Promise<ExitCode> => {
  const embedders = await knownEmbedders(settings);
  if (json) await printJson(host, { embedders });
  else {
    const rows = embedders.map((known) => [
      known.inUse ? "*" : "",
      known.name,
      String(known.dimensions ?? "?"),
      known.bytes === null ? "" : sizeText(known.bytes),
      whereOf(known),
      known.summary,
    ]);
    await host.out.write(
      tableText(["", "name", "dimensions", "size", "where", "what"], rows, styleFor(host, host.out)),
    );
  }
  return exitCodes.ok;
};
