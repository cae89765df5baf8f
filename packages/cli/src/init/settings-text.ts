/**
 * Adds settings to Cairn's own `config.yaml` as one marked block at its end, so that everything a person wrote
 * there stays, and the block can be found again and taken out. A setting that the file already has wins.
 */
import { isMap, parseDocument, stringify } from "yaml";
import type { JsonValue } from "@cairn/memory/memory/memory";
import { brokenConfig, lineAt, lineEndingOf } from "./config-text.ts";

const begin = "# Taken over from TribalMemory by `cairn init --from-tribal`: begin";
const end = "# Taken over from TribalMemory: end";

export interface SettingsAdded {
  readonly text: string;
  /** Names of settings that the file sets to something else, and keeps. */
  readonly kept: readonly string[];
}

const parse = (source: string, path: string): Readonly<Record<string, unknown>> => {
  const document = parseDocument(source.replace(/^\ufeff/, ""), { logLevel: "silent" });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const line = lineAt(source, problem.pos[0]);
    throw brokenConfig(path, line, "this is not valid YAML.", "Mend this line, then run the command again.");
  }
  if (document.contents === null) return {};
  if (!isMap(document.contents) || document.contents.flow === true) {
    throw brokenConfig(path, 1, "one setting a line (name: value) was expected.", "Rewrite the file that way.");
  }
  return document.toJS() as Readonly<Record<string, unknown>>;
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The text with those settings that it lacks. */
export const addSettings = (
  source: string | null,
  settings: Readonly<Record<string, JsonValue>>,
  path: string,
): SettingsAdded => {
  const text = source ?? "";
  const present = parse(text, path);
  const missing = Object.entries(settings).filter(([name]) => !Object.hasOwn(present, name));
  const kept = Object.keys(settings).filter(
    (name) => Object.hasOwn(present, name) && !same(present[name], settings[name]),
  );
  if (missing.length === 0) return { text, kept };
  const eol = lineEndingOf(text);
  const lines = `${begin}\n${stringify(Object.fromEntries(missing))}${end}\n`.replaceAll("\n", eol);
  const added = `${text}${text === "" || text.endsWith("\n") ? "" : eol}${lines}`;
  const after = parse(added, path);
  if (!missing.every(([name, value]) => same(after[name], value))) {
    const hint = 'Remove what ends the document early (a line "..." or "---"), then run the command again.';
    throw brokenConfig(path, lineAt(text, text.length), "settings cannot be added at the end of this file.", hint);
  }
  return { text: added, kept };
};

/** The text without the block, or `null` when there is none. */
export const removeSettings = (source: string): string | null => {
  const from = source.indexOf(begin);
  const last = source.indexOf(end, from);
  if (from === -1 || last === -1) return null;
  const rest = source.slice(last + end.length).replace(/^\r?\n/, "");
  return source.slice(0, from) + rest;
};
