/**
 * Where the statements of a TOML 1.0 text lie, so that one table can be edited without touching the rest. Writing a
 * parsed document back would lose comments and layout, hence a scanner that remembers offsets. It checks what must
 * hold for an edit to be safe (strings and brackets closed, one statement a line), and does not check everything
 * that TOML forbids elsewhere in the file, such as a key defined twice.
 */
export type TomlValue =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly TomlValue[] }
  | { readonly kind: "table"; readonly pairs: readonly (readonly [key: readonly string[], value: TomlValue])[] }
  | { readonly kind: "other"; readonly text: string };

interface Span {
  /** Offset of the line's first character. */
  readonly from: number;
  /** Offset behind the line's ending. */
  readonly to: number;
}

export interface TomlHeader extends Span {
  readonly kind: "table" | "array-table";
  readonly path: readonly string[];
}

export interface TomlPair extends Span {
  readonly kind: "pair";
  /** From the root of the document: the table's path and the key's. */
  readonly path: readonly string[];
  /** How many of `path` come from the table header above. */
  readonly tableDepth: number;
  readonly value: TomlValue;
  readonly valueFrom: number;
  readonly valueTo: number;
}

export type TomlStatement = TomlHeader | TomlPair;

/** Called with what is wrong and where; never returns. */
export type Refuse = (offset: number, problem: string) => never;

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001b",
  '"': '"',
  "\\": "\\",
};
const bareValue =
  /^(true|false|[+-]?(inf|nan)|[+-]?\d[\d_]*(\.[\d_]+)?([eE][+-]?[\d_]+)?|0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+|\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d)?(\.\d+)?([Zz]|[+-]\d\d:\d\d)?)?|\d\d:\d\d(:\d\d)?(\.\d+)?)$/;

const unescape = (text: string, at: number, refuse: Refuse): string =>
  text.replace(
    /\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|x([\da-fA-F]{2})|[ \t]*\r?\n\s*|([^]))/g,
    (found, short, long, byte, one) => {
      const code = Number.parseInt(short ?? long ?? byte ?? "-1", 16);
      if (code >= 0) return code <= 0x10ffff ? String.fromCodePoint(code) : refuse(at, "this escape is no character.");
      if (one === undefined) return "";
      return escapes[one as string] ?? refuse(at, `the escape ${found} is not known; write \\\\ for a backslash.`);
    },
  );

export const scanToml = (source: string, refuse: Refuse): readonly TomlStatement[] => {
  let at = source.startsWith("\ufeff") ? 1 : 0;
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const skipSpace = (): string => skip(/[ \t]*/y);
  const skipBlank = (): string => skip(/(?:[ \t\r\n]|#[^\n]*)*/y);

  const longString = (quote: string): string => {
    const start = at;
    const end = quote === '"""' ? /(?:[^"\\]|\\[^]|"(?!""))*"""("{0,2})/y : /(?:[^']|'(?!''))*'''('{0,2})/y;
    at += 3;
    const found = skip(end);
    if (found === "") refuse(start, `this text is not closed by ${quote}.`);
    const inner = found.slice(0, -3).replace(/^\r?\n/, "");
    return quote === '"""' ? unescape(inner, start, refuse) : inner;
  };
  const string = (): string => {
    const quote = source.slice(at, at + 3);
    if (quote === '"""' || quote === "'''") return longString(quote);
    const start = at;
    const found = skip(source[at] === '"' ? /"(?:[^"\\\r\n]|\\[^\r\n])*"/y : /'[^'\r\n]*'/y);
    if (found === "") refuse(start, "this text is not closed: a quote is missing.");
    return source[start] === '"' ? unescape(found.slice(1, -1), start, refuse) : found.slice(1, -1);
  };
  const key = (): readonly string[] => {
    const path: string[] = [];
    do {
      if (path.length > 0) at += 1;
      skipSpace();
      const start = at;
      const quoted = source[at] === '"' || source[at] === "'";
      const part = quoted ? string() : skip(/[A-Za-z0-9_-]+/y);
      if (part === "" && !quoted) refuse(start, "a name was expected here.");
      path.push(part);
      skipSpace();
    } while (source[at] === ".");
    return path;
  };
  const pair = (): readonly [readonly string[], TomlValue, number] => {
    const name = key();
    if (source[at] !== "=") refuse(at, "an equals sign is missing after the name.");
    at += 1;
    skipSpace();
    const from = at;
    return [name, value(), from];
  };
  /** Items between brackets, separated by commas; a comma behind the last is fine. */
  const items = <Item>(close: string, item: () => Item): readonly Item[] => {
    const start = at;
    const found: Item[] = [];
    at += 1;
    for (skipBlank(); source[at] !== close; skipBlank()) {
      if (at >= source.length) refuse(start, `the closing ${close} is missing.`);
      found.push(item());
      skipBlank();
      if (source[at] === ",") at += 1;
      else if (at < source.length && source[at] !== close) refuse(at, `a comma or ${close} is missing.`);
    }
    at += 1;
    return found;
  };
  const value = (): TomlValue => {
    const first = source[at];
    if (first === '"' || first === "'") return { kind: "string", value: string() };
    if (first === "[") return { kind: "array", items: items("]", value) };
    if (first === "{") {
      return { kind: "table", pairs: items("}", pair).map(([name, inner]) => [name, inner] as const) };
    }
    const start = at;
    const text = skip(/\d{4}-\d\d-\d\d \d\d:[^\s,#\]}]*|[^\s,#\]}]+/y);
    if (!bareValue.test(text)) refuse(start, text === "" ? "a value is missing." : "this value needs quotes.");
    return { kind: "other", text };
  };

  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  const endOfLine = (): number => {
    skip(/[ \t]*(?:#[^\n]*)?/y);
    if (at < source.length && skip(/\r?\n/y) === "") refuse(at, "there is more text than one setting on this line.");
    return at;
  };
  for (skipBlank(); at < source.length; skipBlank()) {
    const from = Math.max(source.lastIndexOf("\n", at - 1) + 1, source.startsWith("\ufeff") ? 1 : 0);
    if (source[at] === "[") {
      const depth = source[at + 1] === "[" ? 2 : 1;
      at += depth;
      const path = key();
      if (source.slice(at, at + depth) !== "]".repeat(depth)) refuse(at, "the closing ] of this heading is missing.");
      at += depth;
      table = path;
      statements.push({ kind: depth === 2 ? "array-table" : "table", path, from, to: endOfLine() });
    } else {
      const [name, found, valueFrom] = pair();
      const valueTo = at;
      const path = [...table, ...name];
      const to = endOfLine();
      statements.push({ kind: "pair", path, tableDepth: table.length, value: found, valueFrom, valueTo, from, to });
    }
  }
  return statements;
};

/** A text as a TOML basic string. JSON's escapes are TOML's, but for DEL. */
export const tomlString = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007F");

/** A name as a TOML key: bare where that is allowed. */
export const tomlKey = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name));
