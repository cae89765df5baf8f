import { catalogue, entryNamed } from "@cairn/embed/models/catalogue";
import { pullModel } from "@cairn/embed/models/pull-model";
import { CairnError } from "@cairn/kernel/error";
import type { Settings } from "@cairn/server/settings";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { makeProgress, silentProgress } from "../output/progress-bar.ts";
import { sizeText } from "../output/size-text.ts";

const downloads = (): string =>
  catalogue
    .filter(({ download }) => download !== null)
    .map(({ name }) => name)
    .join(", ");

export const pullEmbedder = async (
  host: Host,
  settings: Settings,
  name: string | undefined,
  json: boolean,
): Promise<ExitCode> => {
  const entry = name === undefined ? catalogue.find(({ download }) => download !== null) : entryNamed(name);
  if (entry === null || entry === undefined) {
    throw new CairnError("embedder.unknown", "There is no model of this name to download.", {
      hint: `There is ${downloads()}. Any other model can be used from its folder: cairn embedder use FOLDER`,
    });
  }
  const progress = json && !host.err.isTTY ? silentProgress : makeProgress(host);
  try {
    const pulled = await pullModel(entry, {
      data: settings.data,
      env: host.env,
      signal: host.signal,
      onProgress: ({ file, done, total, waiting }) => {
        const size = total === null ? sizeText(done) : `${sizeText(done)} of ${sizeText(total)}`;
        const text = waiting ? "another process is downloading it; waiting" : `${file} ${size}`;
        void progress.update(done, total, text);
      },
    });
    await progress.finish();
    if (json) await printJson(host, { name: entry.name, ...pulled });
    else {
      const lines = pulled.files.map(
        ({ path, bytes, sha256, pinned }) =>
          `  ${path}  ${sizeText(bytes)}  sha256 ${sha256.slice(0, 12)}… ${pinned ? "as pinned" : "as it came, noted"}\n`,
      );
      const first = pulled.downloaded ? "is downloaded to" : "is here already, complete, in";
      await host.out.write(
        `${entry.name} ${first} ${escapeLine(pulled.folder)}\n${lines.join("")}Use it with: cairn embedder use ${entry.name}\n`,
      );
    }
    return exitCodes.ok;
  } catch (error) {
    await progress.finish();
    throw error;
  }
};
