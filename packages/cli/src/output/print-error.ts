/** Errors, for people or for programs (RFC 9457), always on stderr. */
import { CairnError, toCairnError } from "@cairn/kernel/error";
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

const linesOf = ({ code, message, data, cause }: CairnError): readonly string[] => {
  // The first problem is in the message already.
  const others = (data.problems ?? []).slice(1).map(({ path, message: what }) => `  ${path === "" ? "" : `${path}: `}${what}`);
  const inside = code === "internal" && cause instanceof Error ? [`  ${cause.name}: ${cause.message}`] : [];
  return [...others, ...inside, ...(data.hint === undefined ? [] : [data.hint])];
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
          ...command.usage.map((form, index) => `${index === 0 ? "Usage:" : "      "} cairn ${command.name} ${form}`.trimEnd()),
          `All options: cairn help ${command.name}`,
        ];
  await host.err.write(`${[`${style.bad("cairn:")} ${escapeText(message)}`, ...usage].join("\n")}\n`);
  return exitCodes.usage;
};
