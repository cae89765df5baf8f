/**
 * Changes one setting in Cairn's own `config.yaml` and nothing else: comments, order and line endings stay. The value
 * is replaced where it stands, or a line is added at the end; the result is read again before it counts.
 */
import { isMap, isNode, isScalar, parseDocument, stringify } from "yaml";
import { brokenConfig, lineAt, lineEndingOf } from "../init/config-text.ts";

type Entries = Readonly<Record<string, unknown>>;

const parse = (source: string, path: string) => {
  const document = parseDocument(source, { logLevel: "silent" });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const line = lineAt(source, problem.pos[0]);
    throw brokenConfig(path, line, "this is not valid YAML.", "Mend this line, then run the command again.");
  }
  const { contents } = document;
  if (contents !== null && (!isMap(contents) || contents.flow === true)) {
    throw brokenConfig(path, 1, "one setting a line (name: value) was expected.", "Rewrite the file that way.");
  }
  return { contents, entries: (document.toJS() ?? {}) as Entries };
};

/** `embedder: "…"`; quotes only where YAML needs them. */
const valueText = (value: string): string => stringify(value, { lineWidth: 0, defaultStringType: "PLAIN" }).trimEnd();

/** The text with the setting; `source` is null where there is no file. Throws `config.invalid` for a broken file. */
export const setSetting = (source: string | null, name: string, value: string, path: string): string => {
  const text = source ?? "";
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  const { contents, entries } = parse(body, path);
  const pair = contents?.items.find(({ key }) => isScalar(key) && key.value === name);
  let changed: string;
  if (pair !== undefined && isNode(pair.value) && pair.value.range) {
    const [from, to] = pair.value.range;
    // `embedder:` without a value has its place right behind the colon.
    const gap = body.slice(0, from).endsWith(":") ? " " : "";
    changed = body.slice(0, from) + gap + valueText(value) + body.slice(to);
  } else {
    const eol = lineEndingOf(body);
    changed = `${body}${body === "" || body.endsWith("\n") ? "" : eol}${name}: ${valueText(value)}${eol}`;
  }
  const after = parse(changed, path).entries;
  const expected = { ...entries, [name]: value };
  const sorted = (given: Entries): string =>
    JSON.stringify(Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (sorted(after) !== sorted(expected)) {
    const hint = `Write \`${name}: ${value}\` there yourself.`;
    throw brokenConfig(path, 1, `the setting ${name} cannot be changed in this file.`, hint);
  }
  return mark + changed;
};
