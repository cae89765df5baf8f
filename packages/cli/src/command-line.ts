/**
 * From the words after a command's name to what it was given. Node's own tokenizer does the splitting; what is unknown,
 * missing or too much is told with the nearest name that exists.
 */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { type Command, type Given, helpOption, type Option } from "./command.ts";
import { nearest } from "./nearest.ts";

export type CommandLine =
  | { readonly kind: "given"; readonly given: Given }
  | { readonly kind: "help" }
  | { readonly kind: "problem"; readonly message: string };

const problem = (message: string): CommandLine => ({ kind: "problem", message });
const meant = (near: string | null): string => (near === null ? "" : ` Did you mean ${near}?`);

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** What is wrong with an option's value; null when nothing is. */
const valueProblem = (option: Option, shown: string, value: string | undefined, inline: boolean): string | null => {
  if (option.value === undefined) return inline ? `${shown} takes no value.` : null;
  if (value === undefined) return `${shown} needs a value: ${shown} ${option.value}.`;
  const looksLikeOption = !inline && /^-./u.test(value) && !isNumber(value);
  if (looksLikeOption) return `${shown} needs a value. If ${value} is the value, write ${shown}=${value}.`;
  if (option.type === "number" && !isNumber(value)) return `${shown} needs a number; this is ${JSON.stringify(value)}.`;
  if (option.choices !== undefined && !option.choices.includes(value)) {
    return `${shown} must be one of ${option.choices.join(", ")}.${meant(nearest(value, option.choices))}`;
  }
  return null;
};

const unknownOption = (rawName: string, options: readonly Option[]): string => {
  const near = nearest(
    rawName.replace(/^-+/u, ""),
    options.map(({ name }) => name),
  );
  const text = / |^-\d/u.test(rawName) ? " Text that begins with a dash goes after --." : "";
  return `There is no option ${rawName}.${meant(near === null ? null : `--${near}`)}${text}`;
};

const argumentsProblem = (command: Command, words: readonly string[]): string | null => {
  const { least, most, choices } = command.arguments;
  const [first] = words;
  if (first !== undefined && choices !== undefined && !choices.includes(first)) {
    return `${command.name} can ${choices.join(", ")}; not ${JSON.stringify(first)}.${meant(nearest(first, choices))}`;
  }
  if (words.length < least)
    return words.length === 0 ? `${command.name} needs more than that.` : "Something is missing.";
  if (words.length <= most) return null;
  const quotes = most === 1 ? " Put quotes around a text of several words." : "";
  return `There is one argument too many: ${JSON.stringify(words[most])}.${quotes}`;
};

/** Never throws. A problem's message ends in a full stop and may quote what was typed. */
export const parseCommandLine = (command: Command, words: readonly string[]): CommandLine => {
  const options = [...command.options, helpOption];
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    options.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? "boolean" : "string", multiple: true, ...(short === undefined ? {} : { short }) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === helpOption.name) return { kind: "help" };
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) return problem(unknownOption(token.rawName, options));
    const wrong = valueProblem(option, token.rawName, token.value, token.inlineValue === true);
    if (wrong !== null) return problem(wrong);
    const before = values.get(option.name);
    if (before !== undefined && option.repeat !== true && option.value !== undefined) {
      return problem(`${token.rawName} can be given only once.`);
    }
    values.set(option.name, [...(before ?? []), token.value ?? ""]);
  }
  const wrong = argumentsProblem(command, positionals);
  return wrong === null ? { kind: "given", given: { arguments: positionals, values } } : problem(wrong);
};
