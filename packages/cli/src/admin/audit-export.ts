/** `cairn admin audit export` and `verify`: the chain as JSON lines, and whether it is whole. */
import { createReadStream, existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { type ChainHead, firstHead, parseHead, showHead, verifyLinks } from "@cairn/directory/ledger/audit-chain";
import { parseExportedLine } from "@cairn/directory/ledger/exported-chain";
import { CairnError } from "@cairn/kernel/error";
import { exportAudit } from "@cairn/operations/operations/audit/export";
import { verifyAudit } from "@cairn/operations/operations/audit/verify";
import { textOf } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { escapeLine } from "../output/escape-text.ts";
import { jsonText, printJson } from "../output/json-document.ts";
import { say, type Shell } from "./shell.ts";

const linesPerWrite = 500;

/** The lines of the chain, page by page; answers with its head. */
const eachPage = async (
  shell: Shell,
  write: (lines: string) => Promise<void>,
): Promise<{ head: string; count: number }> => {
  let cursor: string | null = null;
  let count = 0;
  for (;;) {
    shell.host.signal.throwIfAborted();
    const page: Awaited<ReturnType<typeof exportPage>> = await exportPage(shell, cursor);
    count += page.entries.length;
    await write(page.entries.map((entry) => `${jsonText(entry, 0)}\n`).join(""));
    if (page.cursor === null) return { head: page.head, count };
    ({ cursor } = page);
  }
};

const exportPage = (shell: Shell, cursor: string | null) =>
  shell.call(exportAudit, { limit: linesPerWrite, ...(cursor === null ? {} : { cursor }) });

/** To `file`, which must not be there yet, or to standard output where it is `-`. */
export const runExport = async (shell: Shell, file: string): Promise<ExitCode> => {
  const { host } = shell;
  if (file === "-") {
    const { head } = await eachPage(shell, host.out.write);
    await host.err.write(`The head is ${head}\n`);
    return exitCodes.ok;
  }
  const path = resolve(host.cwd, file);
  if (existsSync(path)) {
    throw new CairnError("request.invalid", `${file} is there already.`, { hint: "Choose another name." });
  }
  const { writeAtomically } = await import("../transfer/atomic-file.ts");
  let [head, count] = ["", 0];
  await writeAtomically(path, async (write) => {
    ({ head, count } = await eachPage(shell, write));
  });
  const line = `Wrote ${count} entries to ${escapeLine(file)}. Keep its head elsewhere:\n${head}`;
  return say(shell, { file, entries: count, head }, line);
};

interface Verified {
  readonly whole: boolean;
  readonly wholeUpTo: string;
  readonly head: string;
  readonly problem: string | null;
  readonly brokenAt: number | null;
}

const problems: Readonly<Record<string, string>> = {
  changed: "an entry is not what was written",
  gap: "entries are missing, doubled or out of order",
  foreign: "an entry is of another organisation",
  truncated: "entries at the end are missing",
  unreadable: "a line is no entry",
};

const tell = async (host: Host, json: boolean, found: Verified, anchored: boolean): Promise<ExitCode> => {
  if (json) await printJson(host, found);
  else if (found.whole) {
    const cut = anchored ? "" : " Whether its end was cut off shows with --head, a head that you kept elsewhere.";
    await host.out.write(`The chain is whole up to ${found.wholeUpTo}.${cut}\n`);
  } else {
    const what = problems[found.problem ?? ""] ?? "it is not whole";
    await host.out.write(
      `The chain is broken at position ${found.brokenAt ?? "?"}: ${what}. It is whole up to ${found.wholeUpTo}.\n`,
    );
  }
  return found.whole ? exitCodes.ok : exitCodes.failure;
};

/** The head of `--head`; null without. Throws request.invalid. */
export const givenHead = (shell: Pick<Shell, "given">): ChainHead | null => {
  const text = textOf(shell.given, "head");
  if (text === undefined) return null;
  const head = parseHead(text.trim());
  if (head !== null) return head;
  throw new CairnError("request.invalid", "A head is a position, a colon and 64 hexadecimal digits.", {
    hint: "cairn admin audit head",
  });
};

export const runVerify = async (shell: Shell): Promise<ExitCode> => {
  const anchor = givenHead(shell);
  let after: string | null = null;
  for (;;) {
    shell.host.signal.throwIfAborted();
    const found: Awaited<ReturnType<typeof verifyPage>> = await verifyPage(shell, after, anchor);
    if (!found.whole || found.complete) return tell(shell.host, shell.json, found, anchor !== null);
    after = found.wholeUpTo;
  }
};

const verifyPage = (shell: Shell, after: string | null, anchor: ChainHead | null) =>
  shell.call(verifyAudit, {
    ...(after === null ? {} : { after }),
    ...(anchor === null ? {} : { head: showHead(anchor) }),
  });

/** Line by line, so that the file may be as large as it likes. Opens no data folder and no database. */
export const verifyFile = async (
  host: Host,
  { file, anchor, json }: { readonly file: string; readonly anchor: ChainHead | null; readonly json: boolean },
): Promise<ExitCode> => {
  const input = createReadStream(resolve(host.cwd, file));
  const opened = new Promise<void>((done, fail) => input.once("open", () => done()).once("error", fail));
  await opened.catch(() => {
    throw new CairnError("request.invalid", `${file} cannot be read.`, { hint: "cairn help admin audit" });
  });
  let whole: ChainHead | null = null;
  let organisation = "";
  let met = false;
  const broken = (problem: string): Promise<ExitCode> => {
    const at = (whole?.seq ?? 0) + 1;
    const upTo = showHead(whole ?? firstHead(organisation));
    return tell(host, json, { whole: false, wholeUpTo: upTo, head: upTo, problem, brokenAt: at }, anchor !== null);
  };
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      host.signal.throwIfAborted();
      if (line.trim() === "") continue;
      const link = parseExportedLine(line);
      if (link === null) return await broken("unreadable");
      if (whole === null) ({ organisation } = link.entry);
      const report = verifyLinks(organisation, whole ?? firstHead(organisation), [link]);
      if (report.problem !== null) return await broken(report.problem);
      ({ whole } = report);
      if (whole.seq === anchor?.seq) {
        met = whole.hash === anchor.hash;
        if (!met) return await broken("changed");
      }
    }
  } finally {
    input.destroy();
  }
  if (anchor !== null && anchor.seq > 0 && !met) return broken("truncated");
  const upTo = showHead(whole ?? firstHead(organisation));
  return tell(host, json, { whole: true, wholeUpTo: upTo, head: upTo, problem: null, brokenAt: null }, anchor !== null);
};
