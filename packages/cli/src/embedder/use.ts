import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import type { Settings, SettingsFlags } from "@cairn/server/settings";
import { readConfigFile } from "@cairn/server/settings/config-file";
import { isTribalConfig } from "@cairn/server/settings/tribal-config";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { applyEdits } from "../init/apply-edits.ts";
import { readConfigText } from "../init/config-text.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { openEmbedder } from "./open-embedder.ts";
import { setSetting } from "./set-setting.ts";

/** How the settings will name it, and its model. Throws when it could not be used. */
const check = async (host: Host, settings: Settings, name: string) => {
  const warn = (line: string): void => void host.err.write(`${escapeLine(line)}\n`);
  const { setting, embedder } = await openEmbedder(name, settings, { from: host.cwd, warn, note: true });
  try {
    // What is known of a model from before is no proof that it can be opened.
    if (embedder.model.provider === "onnx") await embedder.embedQuery("Does it answer?");
    return { setting, model: embedder.model };
  } finally {
    await embedder.close();
  }
};

const write = async (path: string, setting: string): Promise<boolean> => {
  const entries = await readConfigFile(path);
  if (entries !== null && isTribalConfig(entries)) {
    throw new CairnError("config.invalid", `${path} is TribalMemory's own file, which Cairn only reads.`, {
      hint: "Set CAIRN_EMBEDDER, or bring the settings over with: cairn init --from-tribal",
    });
  }
  const before = await readConfigText(path);
  const after = setSetting(before.text, "embedder", setting, path);
  const edit = {
    client: "cairn",
    path,
    target: before.target,
    before: before.text,
    after,
    outcome: "updated",
    mode: 0o600,
  } as const;
  const [applied] = await applyEdits([edit]);
  // One line changed, and the result was read again: nobody needs the text before.
  if (typeof applied?.backup === "string") await rm(applied.backup, { force: true });
  return before.text !== after;
};

export const useEmbedder = async (
  host: Host,
  settings: Settings,
  flags: SettingsFlags,
  name: string,
  json: boolean,
): Promise<ExitCode> => {
  const { setting, model } = await check(host, settings, name);
  const path = flags.config === undefined ? join(settings.data, "config.yaml") : resolve(host.cwd, flags.config);
  await mkdir(settings.data, { recursive: true, mode: 0o700 });
  const changed = await write(path, setting);
  const variable = host.env["CAIRN_EMBEDDER"] ?? "";
  const overruled = variable !== "" && variable !== setting;
  if (json) await printJson(host, { embedder: setting, model, config: path, changed, overruled });
  else {
    const lines = [
      changed ? `${setting} is the embedder from now on (embedder in ${path}).` : `${setting} is the embedder already.`,
      ...(changed
        ? [
            "A server that is running goes on as it is until it is started again.",
            "Spaces that exist change over in the background while Cairn runs, and answer with their old vectors until",
            "they are done. Watch it with: cairn embedder status",
          ]
        : []),
      ...(overruled ? [`CAIRN_EMBEDDER is set, and wins: ${variable}`] : []),
    ];
    await host.out.write(`${lines.map(escapeLine).join("\n")}\n`);
  }
  return exitCodes.ok;
};
