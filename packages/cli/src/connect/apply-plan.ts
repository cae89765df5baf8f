/** Shows what would be written into which file, asks where that is possible, and writes it. */
import { type Given, flagOf } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { applyEdits } from "../init/apply-edits.ts";
import { changesFile, clientNames, type FileEdit, outcomeTexts } from "../init/file-edit.ts";
import { renderDiff } from "../init/line-diff.ts";
import { canAsk, confirm } from "../output/confirm.ts";
import { escapeLine, escapeText } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { type Style, styleFor } from "../output/style.ts";

const colored = (diff: string, style: Style): string =>
  diff
    .split("\n")
    .map((line) => {
      const text = escapeLine(line);
      if (line.startsWith("---") || line.startsWith("+++")) return style.bold(text);
      if (line.startsWith("@@")) return style.accent(text);
      return line.startsWith("-") ? style.bad(text) : line.startsWith("+") ? style.good(text) : text;
    })
    .join("\n");

const lineFor = ({ client, path, outcome }: FileEdit, style: Style): string =>
  `${style.bold(clientNames[client])}: ${outcomeTexts[outcome]} ${style.dim(`(${escapeLine(path)})`)}\n`;

export interface PlanNotes {
  /** Further fields of the JSON document. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Printed at the end. */
  readonly text: string;
}

export const noNotes: PlanNotes = { json: {}, text: "" };

export const applyPlan = async (
  host: Host,
  given: Given,
  edits: readonly FileEdit[],
  notes: PlanNotes,
): Promise<ExitCode> => {
  const dryRun = flagOf(given, "dry-run");
  const changes = edits.filter(changesFile);
  if (flagOf(given, "json")) {
    const applied = dryRun ? [] : await applyEdits(edits);
    const shown = edits.map((edit) => ({
      client: edit.client,
      path: edit.path,
      outcome: edit.outcome,
      changed: changesFile(edit),
      diff: renderDiff(edit, { color: false }),
      backup: applied.find((one) => one.edit === edit)?.backup ?? null,
    }));
    await printJson(host, { success: true, dryRun, edits: shown, ...notes.json });
    return exitCodes.ok;
  }
  const style = styleFor(host, host.out);
  for (const edit of changes) await host.out.write(`${colored(renderDiff(edit, { color: false }), style)}\n`);
  if (!dryRun && changes.length > 0) {
    const files = changes.length === 1 ? "this file" : `these ${changes.length} files`;
    if (!flagOf(given, "yes") && canAsk(host) && !(await confirm(host, `Change ${files}?`, true))) {
      await host.out.write("Nothing was changed.\n");
      return exitCodes.failure;
    }
  }
  const applied = dryRun ? edits.map((edit) => ({ edit, backup: null })) : await applyEdits(edits);
  for (const { edit, backup } of applied) {
    await host.out.write(lineFor(edit, style));
    if (backup !== null) await host.out.write(style.dim(`  as it was: ${escapeLine(backup)}\n`));
  }
  if (dryRun && changes.length > 0) await host.out.write("Nothing was written: this was a dry run.\n");
  await host.out.write(escapeText(notes.text));
  return exitCodes.ok;
};
