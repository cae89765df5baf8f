/** Memories as people read them in a terminal. */
import type { Sink } from "../host.ts";
import { escapeLine, escapeText } from "./escape-text.ts";
import type { Style } from "./style.ts";
import { displayWidth, indentText } from "./wrap-text.ts";

/** The fields that are shown, of a memory as operations answer it. */
export interface ShownFields {
  readonly id: string;
  readonly content: string;
  readonly key: string | null;
  readonly category: string | null;
  readonly entity: string | null;
  readonly tags: readonly string[];
  readonly author: string | null;
  readonly occurredAt: string | null;
  readonly createdAt: string;
  readonly version: number;
  readonly quarantined?: { readonly reason: string } | null;
}

const indent = "  ";
const widest = 100;

export const textWidth = (sink: Sink): number => Math.min(widest, Math.max(20, sink.columns()));

/** `2024-06-01 09:30`, in UTC as everywhere. */
export const shortTime = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)}`;

/** The day when it happened, where that is known; else when it was stored. */
const whenOf = ({ occurredAt, createdAt }: ShownFields): string => shortTime(occurredAt ?? createdAt);

const aboutOf = (memory: ShownFields): string => {
  const parts = [
    whenOf(memory),
    memory.author === null ? null : `by ${memory.author}`,
    memory.category,
    memory.entity === null ? null : `about ${memory.entity}`,
    memory.key === null ? null : `key ${memory.key}`,
    ...memory.tags.map((tag) => `#${tag}`),
    memory.quarantined === null || memory.quarantined === undefined
      ? null
      : `held back (${memory.quarantined.reason}); cairn release ${memory.id}`,
  ];
  return escapeLine(parts.filter((part) => part !== null).join(" · "));
};

/** A memory as a list shows it, in lines: its text, then what is known about it. `head` goes before the id. */
export const memoryLines = (memory: ShownFields, style: Style, width: number, head = ""): string => {
  const first = `${head === "" ? "" : `${head}  `}${style.accent(escapeLine(memory.id))}`;
  const about = indentText(aboutOf(memory), width, indent);
  return `${first}\n${indentText(escapeText(memory.content), width, indent)}\n${style.dim(about)}\n`;
};

/** Names and values under each other; what is null or empty is left out. */
export const fieldLines = (fields: Readonly<Record<string, unknown>>, style: Style, width: number): string => {
  const shown = Object.entries(fields)
    .filter(
      ([, value]) =>
        value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
    )
    .map(([name, value]): readonly [string, string] => [name, textOfValue(value)]);
  const column = Math.max(...shown.map(([name]) => displayWidth(name)), 0) + 2;
  return shown
    .map(([name, value]) => {
      const text = indentText(escapeText(value), width, " ".repeat(column)).slice(column);
      return `${style.dim(name.padEnd(column))}${text}\n`;
    })
    .join("");
};

const textOfValue = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(", ");
  return JSON.stringify(value);
};
