import type { Settings } from "@cairn/server/settings";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { styleFor } from "../output/style.ts";
import { openEmbedder } from "./open-embedder.ts";
import { type Trial, tryEmbedder } from "./try-embedder.ts";

const milliseconds = (value: number): string => `${value < 1 ? value.toFixed(2) : value.toFixed(1)} ms`;

const trialText = (trial: Trial, host: Host, loadMs: number): string => {
  const style = styleFor(host, host.out);
  const pairs = trial.pairs.map(({ text, same, sameCosine, other, otherCosine }) => {
    const mark = sameCosine > otherCosine ? style.good("ok ") : style.bad("BAD");
    return `${mark} ${text}\n      ${sameCosine.toFixed(3)}  ${same}\n      ${otherCosine.toFixed(3)}  ${style.dim(other)}\n`;
  });
  const speed = `opened in ${milliseconds(loadMs)}; ${milliseconds(trial.shortMs)} for a sentence, ${milliseconds(trial.longMs)} for a long passage`;
  const verdict = trial.sane
    ? style.good("It tells what belongs together.")
    : style.bad("It does not tell what belongs together.");
  return `${pairs.join("")}${speed}\n${verdict}\n`;
};

export const testEmbedder = async (
  host: Host,
  settings: Settings,
  name: string | undefined,
  json: boolean,
): Promise<ExitCode> => {
  const begin = performance.now();
  const from = name === undefined ? settings.data : host.cwd;
  const warn = (line: string): void => void host.err.write(`${escapeLine(line)}\n`);
  const { embedder } = await openEmbedder(name ?? settings.embedding.embedder, settings, { from, warn });
  try {
    const loadMs = performance.now() - begin;
    const trial = await tryEmbedder(embedder);
    if (json) await printJson(host, { model: embedder.model, loadMs, ...trial });
    else {
      const { id, dimensions } = embedder.model;
      await host.out.write(`${id}, ${dimensions} dimensions\n${trialText(trial, host, loadMs)}`);
    }
    return trial.sane ? exitCodes.ok : exitCodes.failure;
  } finally {
    await embedder.close();
  }
};
