/**
 * Shell completion, written out from the table of commands. The scripts hold every name themselves, so that pressing
 * Tab starts no process. Names are ours (letters, digits, dashes), descriptions are quoted for each shell.
 */
import { type Command, helpOption, type Option } from "./command.ts";

export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

const allOptions = (command: Command): readonly Option[] => [...command.options, helpOption];

const flagsOf = ({ name, short }: Option): readonly string[] =>
  short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];

/** For POSIX shells and fish: single quotes, nothing inside is special. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const bash = (commands: readonly Command[]): string => {
  const cases = commands.map((command) => {
    const options = allOptions(command);
    const words = options.flatMap((option) => flagsOf(option)).join(" ");
    const values = options.flatMap((option) => {
      if (option.value === undefined) return [];
      const names = flagsOf(option).join("|");
      if (option.choices !== undefined)
        return [
          `        ${names}) COMPREPLY=($(compgen -W ${quoted(option.choices.join(" "))} -- "$word")); return ;;`,
        ];
      if (option.completes !== undefined)
        return [
          `        ${names}) COMPREPLY=($(compgen ${option.completes === "folder" ? "-d" : "-f"} -- "$word")); return ;;`,
        ];
      return [`        ${names}) return ;;`];
    });
    const { choices, completes } = command.arguments;
    const plain = completes === "file" ? ' COMPREPLY+=($(compgen -f -- "$word"));' : "";
    return [
      `    ${command.name})`,
      '      case "$before" in',
      ...values,
      "      esac",
      `      if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W ${quoted(words)} -- "$word")); return; fi`,
      ...(choices === undefined ? [] : [`      COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$word"));`]),
      ...(plain === "" ? [] : [`     ${plain}`]),
      "      ;;",
    ].join("\n");
  });
  return [
    "# bash completion for cairn; load it with: source <(cairn completion bash)",
    "_cairn() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}"',
    "  COMPREPLY=()",
    "  if [[ $COMP_CWORD -eq 1 ]]; then",
    `    COMPREPLY=($(compgen -W ${quoted(commands.map(({ name }) => name).join(" "))} -- "$word"))`,
    "    return",
    "  fi",
    '  case "$command" in',
    ...cases,
    "  esac",
    "}",
    "complete -o filenames -F _cairn cairn",
    "",
  ].join("\n");
};

/** Brackets and colons have a meaning in the specifications of `_arguments`. */
const zshText = (text: string): string => text.replaceAll(/[\\[\]:]/gu, String.raw`\$&`);

const zsh = (commands: readonly Command[]): string => {
  const action = ({ choices, completes }: Option): string => {
    if (choices !== undefined) return `(${choices.join(" ")})`;
    return completes === "folder" ? "_files -/" : completes === "file" ? "_files" : " ";
  };
  const spec = (option: Option): readonly string[] =>
    flagsOf(option).map((flag) => {
      const value = option.value === undefined ? "" : `:${zshText(option.value)}:${action(option)}`;
      return quoted(`${option.repeat === true ? "*" : ""}${flag}[${zshText(option.describe)}]${value}`);
    });
  const cases = commands.map((command) => {
    const { choices, completes } = command.arguments;
    const first = choices === undefined ? [] : [quoted(`1:what:(${choices.join(" ")})`)];
    const rest = completes === "file" ? [quoted("*:file:_files")] : [];
    const specs = [...allOptions(command).flatMap(spec), ...first, ...rest];
    return `    (${command.name})\n      _arguments ${specs.join(" \\\n        ")}\n      ;;`;
  });
  return [
    "#compdef cairn",
    "# zsh completion for cairn; load it with: source <(cairn completion zsh)",
    "_cairn() {",
    "  if (( CURRENT == 2 )); then",
    "    local -a names",
    `    names=(${commands.map(({ name, summary }) => quoted(`${name}:${zshText(summary)}`)).join("\n      ")})`,
    "    _describe command names",
    "    return",
    "  fi",
    '  local name="${words[2]}"',
    "  shift words",
    "  (( CURRENT-- ))",
    '  case "$name" in',
    ...cases,
    "  esac",
    "}",
    'if [[ "${funcstack[1]}" == _cairn ]]; then _cairn "$@"; else compdef _cairn cairn; fi',
    "",
  ].join("\n");
};

const fish = (commands: readonly Command[]): string => {
  const lines = ["# fish completion for cairn; load it with: cairn completion fish | source", "complete -c cairn -f"];
  for (const command of commands) {
    lines.push(`complete -c cairn -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`);
    const here = `complete -c cairn -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    for (const option of allOptions(command)) {
      const short = option.short === undefined ? "" : ` -s ${option.short}`;
      const takes = option.value === undefined ? "" : option.completes === undefined ? " -x" : " -r -F";
      const choices = option.choices === undefined ? "" : ` -a ${quoted(option.choices.join(" "))}`;
      lines.push(`${here} -l ${option.name}${short}${takes}${choices} -d ${quoted(option.describe)}`);
    }
    const { choices, completes } = command.arguments;
    if (choices !== undefined) lines.push(`${here} -a ${quoted(choices.join(" "))}`);
    if (completes === "file") lines.push(`${here} -F`);
  }
  return `${lines.join("\n")}\n`;
};

const powershell = (commands: readonly Command[]): string => {
  const list = (words: readonly string[]): string =>
    `@(${words.map((word) => `'${word.replaceAll("'", "''")}'`).join(", ")})`;
  const entries = commands.map((command) => {
    const words = [...(command.arguments.choices ?? []), ...allOptions(command).flatMap(flagsOf)];
    return `    '${command.name}' = ${list(words)}`;
  });
  const values = new Map<string, readonly string[]>();
  for (const option of commands.flatMap(allOptions)) {
    if (option.choices !== undefined) for (const flag of flagsOf(option)) values.set(flag, option.choices);
  }
  return [
    "# PowerShell completion for cairn; load it with: cairn completion powershell | Out-String | Invoke-Expression",
    "Register-ArgumentCompleter -Native -CommandName cairn -ScriptBlock {",
    "  param($word, $ast, $position)",
    "  $words = @{",
    ...entries,
    "  }",
    "  $values = @{",
    ...Array.from(values, ([flag, choices]) => `    '${flag}' = ${list(choices)}`),
    "  }",
    "  $typed = @($ast.CommandElements | ForEach-Object { $_.ToString() })",
    "  $index = if ($word -eq '') { $typed.Count } else { $typed.Count - 1 }",
    "  $found = if ($index -le 1) { $words.Keys | Sort-Object }",
    "    elseif ($values.ContainsKey($typed[$index - 1])) { $values[$typed[$index - 1]] }",
    "    elseif ($words.ContainsKey($typed[1])) { $words[$typed[1]] }",
    '  $found | Where-Object { $_ -like "$word*" } | ForEach-Object {',
    "    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)",
    "  }",
    "}",
    "",
  ].join("\n");
};

const scripts = { bash, zsh, fish, powershell } as const satisfies Readonly<Record<Shell, unknown>>;

export const completionScript = (shell: Shell, commands: readonly Command[]): string => scripts[shell](commands);
