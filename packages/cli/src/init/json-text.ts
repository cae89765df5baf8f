/**
 * Small edits of JSON text that leave every other byte alone: comments, order, indentation, line endings, trailing
 * commas. jsonc-parser says where things are; its own `modify` is not used, because it puts a new property between
 * the last one and the comment behind it, and does not follow a file's habit of trailing commas.
 */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { JsonValue } from "@cairn/memory/memory/memory";
import { brokenConfig, lineAt, lineEndingOf } from "./config-text.ts";

const byteOrderMark = "\ufeff";

/** A text and its tree. Offsets count from after the byte order mark. */
export interface JsonText {
  readonly mark: string;
  readonly body: string;
  /** Absent when the text is blank. */
  readonly root: Node | undefined;
}

const problemTexts: Readonly<Record<string, string>> = {
  CommaExpected: "a comma is missing",
  ColonExpected: "a colon is missing",
  CloseBraceExpected: "a closing brace } is missing",
  CloseBracketExpected: "a closing bracket ] is missing",
  PropertyNameExpected: "a property name in double quotes is missing",
  ValueExpected: "a value is missing",
  UnexpectedEndOfString: "a text is not closed",
  UnexpectedEndOfComment: "a comment is not closed",
  EndOfFileExpected: "there is more text after the end",
};

/** Reads JSON with comments and trailing commas; refuses anything else with file, line and advice. */
export const parseJsonText = (text: string, path: string): JsonText => {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : "";
  const body = text.slice(mark.length);
  if (body.trim() === "") return { mark, body, root: undefined };
  const errors: ParseError[] = [];
  const root = parseTree(body, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined || root === undefined) {
    const name = first === undefined ? "" : printParseErrorCode(first.error);
    const problem = problemTexts[name] ?? "something is out of place";
    const hint = "Mend the file (an editor that knows JSON marks the place), then run the command again.";
    throw brokenConfig(path, lineAt(body, first?.offset ?? 0), `this is not valid JSON: ${problem}.`, hint);
  }
  if (root.type !== "object") {
    throw brokenConfig(path, lineAt(body, root.offset), "an object { … } was expected.", "Put the settings in { }.");
  }
  return { mark, body, root };
};

/** The property node of a name, refusing a name that is there twice, since clients would read only the last. */
export const propertyOf = (text: JsonText, object: Node, name: string, path: string): Node | undefined => {
  const found = (object.children ?? []).filter((property) => property.children?.[0]?.value === name);
  const second = found[1];
  if (second !== undefined) {
    const lines = found.map((property) => lineAt(text.body, property.offset)).join(" and ");
    throw brokenConfig(
      path,
      lineAt(text.body, second.offset),
      `"${name}" is there twice (lines ${lines}).`,
      "Keep one.",
    );
  }
  return found[0];
};

interface Style {
  readonly eol: string;
  readonly unit: string;
}

const lineIndent = (body: string, offset: number): string => {
  const start = body.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(body.slice(start, offset))?.[0] ?? "";
};

const isFirstOnLine = (body: string, offset: number): boolean => {
  const start = body.lastIndexOf("\n", offset - 1) + 1;
  return start > 0 && body.slice(start, offset).trim() === "";
};

const styleOf = ({ body, root }: JsonText): Style => {
  const child = root?.children?.[0];
  const indent = child !== undefined && isFirstOnLine(body, child.offset) ? lineIndent(body, child.offset) : "";
  return { eol: lineEndingOf(body), unit: indent === "" ? "  " : indent };
};

const onOneLine = (value: JsonValue, space: string): string => {
  if (Array.isArray(value)) {
    return `[${value.map((item: JsonValue) => onOneLine(item, space)).join(`,${space}`)}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const properties = Object.entries(value).map(
    ([name, item]) => `${JSON.stringify(name)}:${space}${onOneLine(item, space)}`,
  );
  return properties.length === 0 ? "{}" : `{${space}${properties.join(`,${space}`)}${space}}`;
};

const onLines = (value: JsonValue, style: Style, indent: string): string =>
  JSON.stringify(value, null, style.unit).replaceAll("\n", `${style.eol}${indent}`);

const hasLineBreak = (body: string, node: Node): boolean =>
  body.slice(node.offset, node.offset + node.length).includes("\n");

/** What stands between a property (or the opening brace) and what follows: where its comma and comments end. */
const scanBehind = (body: string, from: number): { readonly comma: number | null; readonly end: number } => {
  const comment = /\s*(?:\/\/[^\r\n]*|\/\*[^]*?\*\/)/y;
  const space = /\s*/y;
  let comma: number | null = null;
  let end = from;
  for (;;) {
    comment.lastIndex = end;
    const found = comment.exec(body)?.[0];
    space.lastIndex = end;
    const next = end + (space.exec(body)?.[0].length ?? 0);
    if (found !== undefined) {
      end += found.length;
    } else if (comma === null && body[next] === ",") {
      comma = next;
      end = comma + 1;
    } else break;
  }
  return { comma, end };
};

const splice = (text: string, from: number, to: number, insert: string): string =>
  text.slice(0, from) + insert + text.slice(to);

const whole = ({ mark }: JsonText, body: string): string => mark + body;

/** Adds a property at the end of an object, in the style of what is there. `object` absent: the text is blank. */
export const addProperty = (text: JsonText, object: Node | undefined, name: string, value: JsonValue): string => {
  const { body, root } = text;
  const style = styleOf(text);
  if (object === undefined || root === undefined) {
    return whole(text, `${onLines({ [name]: value }, style, "")}${style.eol}`);
  }
  const close = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  const lastEnd = last === undefined ? object.offset + 1 : last.offset + last.length;
  const { comma, end } = scanBehind(body, lastEnd);
  const head = comma === null ? `${body.slice(0, lastEnd)},${body.slice(lastEnd, end)}` : body.slice(0, end);
  const oneLine = last === undefined ? object !== root && !hasLineBreak(body, root) : !hasLineBreak(body, object);
  if (oneLine) {
    const space = /:\s/.test(body.slice(root.offset, root.offset + root.length)) ? " " : "";
    const property = `${JSON.stringify(name)}:${space}${onOneLine(value, space)}`;
    if (last === undefined) return whole(text, splice(body, object.offset + 1, close, property));
    return whole(text, `${head}${space}${property}${comma === null ? "" : ","}${body.slice(end)}`);
  }
  const base = lineIndent(body, object.offset);
  const indent =
    last !== undefined && isFirstOnLine(body, last.offset) ? lineIndent(body, last.offset) : base + style.unit;
  const property = `${style.eol}${indent}${JSON.stringify(name)}: ${onLines(value, style, indent)}`;
  if (last === undefined) {
    const kept = end > lastEnd && body.slice(end, close).includes("\n") ? body.slice(end, close) : style.eol + base;
    return whole(text, `${body.slice(0, end)}${property}${kept}${body.slice(close)}`);
  }
  return whole(text, `${head}${property}${comma === null ? "" : ","}${body.slice(end)}`);
};

/** Puts another value where a property's value stands. */
export const replaceValue = (text: JsonText, property: Node, value: JsonValue): string => {
  const node = property.children?.[1] ?? property;
  const space = /:\s/.test(text.body) ? " " : "";
  const written =
    text.root !== undefined && hasLineBreak(text.body, text.root)
      ? onLines(value, styleOf(text), lineIndent(text.body, property.offset))
      : onOneLine(value, space);
  return whole(text, splice(text.body, node.offset, node.offset + node.length, written));
};

/** Takes a property out with its comma and its line; an object left without anything becomes `{}`. */
export const removeProperty = (text: JsonText, object: Node, property: Node): string => {
  const { body } = text;
  const siblings = object.children ?? [];
  const index = siblings.indexOf(property);
  const previous = siblings[index - 1];
  const end = property.offset + property.length;
  const { comma } = scanBehind(body, end);
  let to = comma === null ? end : comma + 1;
  let from = property.offset;
  if (isFirstOnLine(body, from)) from = body.slice(0, from).search(/\r?\n[ \t]*$/);
  else if (previous !== undefined) from -= /[ \t]*$/.exec(body.slice(0, from))?.[0].length ?? 0;
  else to += /^[ \t]*/.exec(body.slice(to))?.[0].length ?? 0;
  let edited = splice(body, from, to, "");
  if (comma === null && previous !== undefined) {
    const before = scanBehind(body, previous.offset + previous.length).comma;
    if (before !== null) edited = splice(edited, before, before + 1, "");
  }
  const close = object.offset + object.length - 1 - (body.length - edited.length);
  const inside = edited.slice(object.offset + 1, close);
  return whole(text, inside.trim() === "" ? splice(edited, object.offset + 1, close, "") : edited);
};
