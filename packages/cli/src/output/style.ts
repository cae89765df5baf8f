/** Colour, where it helps: on a terminal, and not when the user asked for none (https://no-color.org). */
import { styleText } from "node:util";
import type { Host, Sink } from "../host.ts";

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly accent: (text: string) => string;
}

export const usesColor = (host: Pick<Host, "env">, sink: Pick<Sink, "isTTY">): boolean =>
  sink.isTTY && (host.env["NO_COLOR"] ?? "") === "" && host.env["TERM"] !== "dumb";

export const styleFor = (host: Pick<Host, "env">, sink: Pick<Sink, "isTTY">): Style => {
  const color = usesColor(host, sink);
  const paint =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      color && text !== "" ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    good: paint("green"),
    bad: paint("red"),
    warn: paint("yellow"),
    accent: paint("cyan"),
  };
};
