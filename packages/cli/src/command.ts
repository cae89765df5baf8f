/**
 * What a command of `cairn` is: its name, its options and the code that runs it, one file each in `commands/`. The
 * table of options drives parsing, help and shell completion alike. A command's file imports only light modules; what
 * needs the engine or a schema is imported inside `run`, so that help and completion stay quick.
 */
import type { ExitCode } from "./exit-codes.ts";
import type { Host } from "./host.ts";

export interface Option {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in help; a flag has none. */
  readonly value?: string;
  /** `number` is checked while parsing; ranges are the operation's to check. */
  readonly type?: "text" | "number";
  readonly repeat?: true;
  readonly choices?: readonly string[];
  /** What shells complete its value with. */
  readonly completes?: "file" | "folder";
  readonly describe: string;
}

export interface Arguments {
  readonly least: number;
  readonly most: number;
  /** The words that the first one can be. */
  readonly choices?: readonly string[];
  readonly completes?: "file";
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What follows the name, one form an entry. */
  readonly usage: readonly string[];
  readonly arguments: Arguments;
  readonly options: readonly Option[];
  /** Commands behind it: `cairn admin key …` is the command `admin key`. */
  readonly nested?: CommandTable;
  /** Further lines of its help. */
  readonly notes?: readonly string[];
  /** It ends by itself on a signal. */
  readonly ownsSignals?: true;
  readonly run: (host: Host, given: Given) => Promise<ExitCode>;
}

/** All commands; passed to those that tell about the others. */
export interface CommandTable {
  /** In the order of help. */
  readonly names: readonly string[];
  readonly load: (name: string) => Promise<Command | null>;
  readonly loadAll: () => Promise<readonly Command[]>;
}

/** A command line, checked against the command's options. */
export interface Given {
  readonly arguments: readonly string[];
  /** By option name; a flag that was given has one empty text. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export const textOf = (given: Given, name: string): string | undefined => given.values.get(name)?.at(-1);
export const textsOf = (given: Given, name: string): readonly string[] | undefined => given.values.get(name);
export const flagOf = (given: Given, name: string): boolean => given.values.has(name);
export const numberOf = (given: Given, name: string): number | undefined => {
  const text = textOf(given, name);
  return text === undefined ? undefined : Number(text);
};

export const jsonOption: Option = { name: "json", describe: "Print one JSON document, as the HTTP API would answer." };
export const helpOption: Option = { name: "help", short: "h", describe: "Show this help." };
