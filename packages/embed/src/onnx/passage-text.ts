/**
 * What a model reads of a passage: "[8 May 2023] author: text". Between what stands before a text and the text itself
 * lies a mark, a control character that tokenizers drop: it tells the worker which part to read again in each chunk,
 * while the whole stays one string, that a cache can know it by.
 */
import type { PassageText } from "@cairn/memory/embedding/embedder";
import { dateWords } from "@cairn/memory/time/date-words";
import type { ReadingSettings } from "../models/catalogue.ts";

/** U+001F, the unit separator of ASCII. */
const mark = "\u001f";

const dateText = (at: number): string => {
  const [day = "", month = "", year = ""] = dateWords(at);
  return `[${day} ${month.slice(0, 1).toUpperCase()}${month.slice(1)} ${year}] `;
};

const marked = (header: string, content: string): string => `${header.replaceAll(mark, " ")}${mark}${content}`;

export const passageTextOf =
  ({ passage: form, passagePrefix }: ReadingSettings) =>
  ({ content, author, occurredAt }: PassageText): string => {
    const date = form === "[date] author: text" && occurredAt !== null ? dateText(occurredAt) : "";
    const name = form === "text" || author === null || author === "" ? "" : `${author}: `;
    return marked(`${passagePrefix}${date}${name}`, content);
  };

export const queryTextOf =
  ({ queryPrefix }: ReadingSettings) =>
  (query: string): string =>
    marked(queryPrefix, query);

export interface HeadedText {
  readonly header: string;
  readonly content: string;
}

/** The two parts of a text; one without a mark is all content. */
export const splitHeader = (text: string): HeadedText => {
  const at = text.indexOf(mark);
  return at < 0 ? { header: "", content: text } : { header: text.slice(0, at), content: text.slice(at + 1) };
};
