/** A memory's history as people read it: who changed what, when, line by line. */
import { escapeLine, escapeText } from "./escape-text.ts";
import { shortTime } from "./memory-text.ts";
import type { Style } from "./style.ts";
import { indentText } from "./wrap-text.ts";

export interface ShownVersion {
  readonly version: number;
  readonly kind: string;
  readonly at: string;
  readonly by: string;
  readonly agent: string;
  readonly diff: Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>;
}

const absent = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

const textOfValue = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(", ");
  return JSON.stringify(value);
};

const changeText = (name: string, { from, to }: ShownVersion["diff"][string], style: Style, width: number): string => {
  const side = (mark: "-" | "+", value: unknown): readonly string[] => {
    if (absent(value)) return [];
    const text = indentText(escapeText(textOfValue(value)), width, `    ${mark} `);
    return [(mark === "-" ? style.bad : style.good)(text)];
  };
  return [`  ${style.dim(escapeLine(name))}`, ...side("-", from), ...side("+", to)].join("\n");
};

export const historyText = (versions: readonly ShownVersion[], style: Style, width: number): string =>
  versions
    .map(({ version, kind, at, by, agent, diff }) => {
      const head = `${style.bold(`version ${version}`)}  ${escapeLine(kind)}  ${style.dim(escapeLine(`${shortTime(at)} · ${by} · ${agent}`))}`;
      const changes = Object.entries(diff)
        .filter(([, { from, to }]) => !(absent(from) && absent(to)))
        .map(([name, change]) => changeText(name, change, style, width));
      return `${[head, ...changes].join("\n")}\n`;
    })
    .join("\n");
