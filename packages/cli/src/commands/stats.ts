import { type Command, flagOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { printJson } from "../output/json-document.ts";
import { fieldLines, textWidth } from "../output/memory-text.ts";
import { sizeText } from "../output/size-text.ts";
import { styleFor } from "../output/style.ts";

const most = 12;

/** The largest counts, `name 12, other 3, …`. */
const countsText = (counts: Readonly<Record<string, number>>): string => {
  const sorted = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  const shown = sorted.slice(0, most).map(([name, count]) => `${name} ${count}`);
  return [...shown, ...(sorted.length > most ? [`and ${sorted.length - most} more`] : [])].join(", ");
};

export const stats: Command = {
  name: "stats",
  summary: "Count what is remembered",
  usage: ["[options]"],
  arguments: { least: 0, most: 0 },
  options: memoryCommandOptions,
  run: (host, given) =>
    withLocal(host, given, async ({ call, services }) => {
      const { readStats } = await import("@cairn/operations/operations/stats/read");
      const found = await call(readStats, inSpace(given));
      if (flagOf(given, "json")) {
        await printJson(host, found);
        return exitCodes.ok;
      }
      const fields = {
        memories: String(found.totalMemories),
        "by source": countsText(found.bySourceType),
        "by tag": countsText(found.byTag),
        "by agent": countsText(found.byInstance),
        "by category": countsText(found.byCategory),
        corrections: String(found.corrections),
        "held back": found.quarantined === 0 ? null : `${found.quarantined} (cairn list --quarantined)`,
        sessions: `${found.sessions} (${found.sessionChunks} passages)`,
        entities: String(found.entities),
        changes: String(found.changes),
        "on disk": sizeText(found.bytes),
        data: services.storage.place,
      };
      await host.out.write(fieldLines(fields, styleFor(host, host.out), textWidth(host.out)));
      return exitCodes.ok;
    }),
};
