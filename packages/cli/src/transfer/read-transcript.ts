/**
 * Conversations from files: one JSON value (a list of messages, or an object that holds one), or JSON Lines with a
 * message each. Agents keep their own transcripts in the latter form, with the message inside an envelope
 * (`{"type": "user", "sessionId": …, "timestamp": …, "message": {"role": …, "content": …}}`); what is no message in
 * them is passed over.
 */
import { CairnError } from "@cairn/kernel/error";

export interface TranscriptMessage {
  readonly role: string;
  readonly content: string;
  readonly timestamp?: string;
}

export interface Transcript {
  /** As the file names it. */
  readonly sessionId: string | null;
  readonly messages: readonly TranscriptMessage[];
  /** Lines or items that hold no message. */
  readonly passedOver: number;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Content is a text, or a list of parts of which those with text count. */
const contentOf = (value: unknown): string | null => {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  const parts = value.flatMap((part: unknown) =>
    isFields(part) && typeof part["text"] === "string" ? [part["text"]] : [],
  );
  return parts.length === 0 ? null : parts.join("\n\n");
};

const messageOf = (value: unknown): TranscriptMessage | null => {
  if (!isFields(value)) return null;
  const inner = isFields(value["message"]) ? value["message"] : value;
  const role = text(inner["role"]) ?? text(inner["author"]) ?? text(inner["speaker"]);
  const content = contentOf(inner["content"] ?? inner["text"]);
  if (role === null || content === null || content.trim() === "") return null;
  const timestamp = text(inner["timestamp"]) ?? text(value["timestamp"]) ?? text(inner["created_at"]);
  return { role, content, ...(timestamp === null ? {} : { timestamp }) };
};

const sessionOf = (value: unknown): string | null =>
  isFields(value) ? (text(value["session_id"]) ?? text(value["sessionId"])) : null;

const linesOf = (source: string, name: string): readonly unknown[] =>
  source.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      throw new CairnError("import.invalid", `${name}, line ${index + 1}: this is not valid JSON.`, {
        hint: "A conversation is a JSON list of messages with role and content, or one message a line.",
      });
    }
  });

const itemsOf = (
  source: string,
  name: string,
): { readonly items: readonly unknown[]; readonly sessionId: string | null } => {
  try {
    const value: unknown = JSON.parse(source);
    if (Array.isArray(value)) return { items: value, sessionId: null };
    if (isFields(value) && Array.isArray(value["messages"]))
      return { items: value["messages"], sessionId: sessionOf(value) };
    return { items: [value], sessionId: null };
  } catch {
    return { items: linesOf(source, name), sessionId: null };
  }
};

/** Throws import.invalid with the line where it stops being JSON. */
export const readTranscript = (source: string, name: string): Transcript => {
  const { items, sessionId } = itemsOf(source.replace(/^\ufeff/u, ""), name);
  const messages = items.flatMap((item) => messageOf(item) ?? []);
  const named = items.map(sessionOf).find((id) => id !== null) ?? null;
  return { sessionId: sessionId ?? named, messages, passedOver: items.length - messages.length };
};
