/** What is said after something was to be stored, and the exit status for it. */
import { type ExitCode, exitCodeFor, exitCodes } from "../exit-codes.ts";
import { type ErrorCode, errorStatus } from "@cairn/kernel/error";
import type { Host } from "../host.ts";
import { escapeLine } from "./escape-text.ts";
import { printJson } from "./json-document.ts";
import { styleFor } from "./style.ts";

export interface ShownOutcome {
  readonly status: "stored" | "updated" | "duplicate" | "skipped" | "failed";
  readonly memoryId: string | null;
  readonly duplicateOf: string | null;
  readonly version: number | null;
  readonly conflicts: readonly string[];
  readonly error: string | null;
  readonly code: string | null;
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorStatus, code);

const statusOf = ({ status, code }: ShownOutcome): ExitCode => {
  if (status === "duplicate") return exitCodes.conflict;
  if (status !== "failed") return exitCodes.ok;
  return code !== null && isErrorCode(code) ? exitCodeFor(code) : exitCodes.failure;
};

export const showRemembered = async (host: Host, outcome: ShownOutcome, json: boolean): Promise<ExitCode> => {
  const exit = statusOf(outcome);
  if (json) {
    await printJson(host, outcome);
    return exit;
  }
  const style = styleFor(host, host.out);
  const id = (text: string | null): string => style.accent(escapeLine(text ?? ""));
  const lines: string[] = [];
  if (outcome.status === "stored") lines.push(`Remembered ${id(outcome.memoryId)}`);
  if (outcome.status === "updated") lines.push(`Updated ${id(outcome.memoryId)} (version ${outcome.version ?? "?"})`);
  if (outcome.status === "skipped") lines.push(`Already there: ${id(outcome.memoryId)}`);
  if (outcome.status === "duplicate") {
    lines.push(`Already remembered as ${id(outcome.duplicateOf)}`, style.dim("Store it anyway with --skip-dedup."));
  }
  for (const other of outcome.conflicts) lines.push(style.warn(`It says otherwise than ${escapeLine(other)}`));
  if (lines.length > 0) await host.out.write(`${lines.join("\n")}\n`);
  if (outcome.status === "failed") await host.err.write(`${escapeLine(outcome.error ?? "It could not be stored.")}\n`);
  return exit;
};
