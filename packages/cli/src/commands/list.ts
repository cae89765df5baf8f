import { type Command, flagOf, numberOf, textOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import type { Local } from "../local/open-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { filterOptions, filtersOf } from "../options/filter-options.ts";
import { printJson, printJsonList } from "../output/json-document.ts";
import { memoryLines, textWidth } from "../output/memory-text.ts";
import { styleFor } from "../output/style.ts";

const pageSize = 200;

/** Every memory that passes, page by page, so that a large space does not fill the process. */
async function* allMemories({ call }: Local, input: Readonly<Record<string, unknown>>, signal: AbortSignal) {
  const { listMemories } = await import("@cairn/operations/operations/memories/list");
  let cursor: string | null = null;
  do {
    signal.throwIfAborted();
    const page: Awaited<ReturnType<typeof call<typeof listMemories.input, typeof listMemories.output>>> = await call(
      listMemories,
      { ...input, limit: pageSize, cursor },
    );
    yield* page.memories;
    cursor = page.cursor;
  } while (cursor !== null);
}

export const list: Command = {
  name: "list",
  summary: "List memories, newest first",
  usage: ["[options]"],
  arguments: { least: 0, most: 0 },
  options: [
    ...filterOptions,
    { name: "quarantined", describe: "Only what is held back from recall (see cairn release)." },
    { name: "limit", short: "n", value: "N", type: "number", describe: "How many at most (20)." },
    { name: "all", short: "a", describe: "All of them, however many." },
    { name: "cursor", value: "CURSOR", describe: "Go on where the page before ended." },
    { name: "order", value: "ORDER", choices: ["newest", "oldest"], describe: "Which come first (newest)." },
    ...memoryCommandOptions,
  ],
  run: (host, given) =>
    withLocal(host, given, async (local) => {
      const held = flagOf(given, "quarantined") ? { quarantined: true } : {};
      const input = { ...filtersOf(given), ...inSpace(given), order: textOf(given, "order"), ...held };
      const json = flagOf(given, "json");
      const style = styleFor(host, host.out);
      const width = textWidth(host.out);
      if (flagOf(given, "all")) {
        const memories = allMemories(local, input, host.signal);
        if (json) await printJsonList(host, "memories", memories, { cursor: null });
        else for await (const memory of memories) await host.out.write(`${memoryLines(memory, style, width)}\n`);
        return exitCodes.ok;
      }
      const { listMemories } = await import("@cairn/operations/operations/memories/list");
      const limit = numberOf(given, "limit") ?? 20;
      const page = await local.call(listMemories, { ...input, limit, cursor: textOf(given, "cursor") });
      if (json) await printJson(host, page);
      else {
        await host.out.write(page.memories.map((memory) => memoryLines(memory, style, width)).join("\n"));
        if (page.memories.length === 0) await host.out.write("No memory passes.\n");
        else if (page.cursor !== null) await host.out.write(style.dim(`\nMore: --all, or --cursor ${page.cursor}\n`));
      }
      return exitCodes.ok;
    }),
};
