/**
 * `--json`: the wire form, exactly as the HTTP API answers. JSON leaves some characters as they are that a terminal
 * obeys (DEL and C1) or that reorder text; written as `\uXXXX` they mean the same and do nothing.
 */
import { toWire } from "@cairn/operations/wire";
import type { Host } from "../host.ts";

const obeyed = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const escaped = (text: string): string =>
  text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** `indent` 0 gives one line. */
export const jsonText = (value: unknown, indent = 2): string => escaped(JSON.stringify(toWire(value), null, indent));

export const printJson = (host: Host, value: unknown): Promise<void> => host.out.write(`${jsonText(value)}\n`);

/**
 * One document with a long list in it, written as it comes: `{"<name>": [ … ]<rest>}`. `rest` is what else the
 * document holds.
 */
export const printJsonList = async (
  host: Host,
  name: string,
  items: AsyncIterable<unknown>,
  rest: Readonly<Record<string, unknown>>,
): Promise<void> => {
  let separator = "\n";
  await host.out.write(`{\n  "${name}": [`);
  for await (const item of items) {
    await host.out.write(`${separator}    ${jsonText(item, 0)}`);
    separator = ",\n";
  }
  const others = Object.entries(rest).map(([key, value]) => `,\n  "${key}": ${jsonText(value, 0)}`);
  await host.out.write(`\n  ]${others.join("")}\n}\n`);
};
