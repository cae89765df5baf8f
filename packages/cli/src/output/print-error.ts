/** Errors, for people or for programs (RFC 9457), always on stderr. */
import { CairnError, type ErrorCode, toCairnError } from "@cairn/kernel/error";
import type { Command } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { escapeText } from "./escape-text.ts";
import { styleFor } from "./style.ts";

const printProblem = async (host: Host, error: unknown): Promise<void> => {
  const [{ problemOf }, { newId }, { jsonText }] = await Promise.all([
    import("@cairn/server/rest/problem"),
    import("@cairn/kernel/id"),
    import("./json-document.ts"),
  ]);
  await host.err.write(`${jsonText(problemOf(error, newId()))}\n`);
};

/** Advice in terms of commands, where an operation gives it in terms of HTTP. */
const advice: Partial<Readonly<Record<ErrorCode, string>>> = {
  "space.not_found": "List the spaces with: cairn spaces",
  "entity.not_found": "Look for its spelling with: cairn entities <part of the name>",
};

const linesOf = ({ code, data, cause }: CairnError): readonly string[] => {
  // The first problem is in the message already.
  const others = (data.problems ?? [])
    .slice(1)
    .map(({ path, message: what }) => `  ${path === "" ? "" : `${path}: `}${what}`);
  const inside = code === "internal" && cause instanceof Error ? [`  ${cause.name}: ${cause.message}`] : [];
  const hint = advice[code] ?? data.hint;
  return [...others, ...inside, ...(hint === undefined ? [] : [hint])];
};

export const printError = async (host: Host, error: unknown, json: boolean): Promise<void> => {
  if (json) return printProblem(host, error);
  const coded = toCairnError(error);
  const style = styleFor(host, host.err);
  const lines = [`${style.bad("cairn:")} ${escapeText(coded.message)}`, ...linesOf(coded).map(escapeText)];
  await host.err.write(`${lines.join("\n")}\n`);
};

export interface UsageProblem {
  readonly json: boolean;
  readonly message: string;
  readonly command?: Command;
}

/** Says what was not understood and how the command is used; gives the exit status for that. */
export const printUsageProblem = async (host: Host, { json, message, command }: UsageProblem): Promise<ExitCode> => {
  if (json) {
    await printProblem(host, new CairnError("request.malformed", message));
    return exitCodes.usage;
  }
  const style = styleFor(host, host.err);
  const usage =
    command === undefined
      ? ["Usage: cairn <command> [options]", "All commands: cairn help"]
      : [
          ...command.usage.map((form, index) =>
            `${index === 0 ? "Usage:" : "      "} cairn ${command.name} ${form}`.trimEnd(),
          ),
          `All options: cairn help ${command.name}`,
        ];
  await host.err.write(`${[`${style.bad("cairn:")} ${escapeText(message)}`, ...usage].join("\n")}\n`);
  return exitCodes.usage;
};
