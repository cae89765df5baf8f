/** Who speaks in a turn, and what of its text was said: for capture, for transcripts that it keeps, and for extraction. */
import { withoutNoise } from "./noise.ts";
import { redact } from "./secrets.ts";

const people: ReadonlySet<string> = new Set(["user", "human", "person", "customer", "me"]);
const assistants: ReadonlySet<string> = new Set(["assistant", "ai", "model", "agent", "bot"]);

/** Null for systems, developers and tools. */
export const speakerOf = (role: string): "person" | "assistant" | null => {
  const plain = role.trim().toLowerCase();
  if (people.has(plain)) return "person";
  return assistants.has(plain) ? "assistant" : null;
};

/** A turn's text without what nobody said and without secrets; empty where nothing is left. */
export const spokenText = (turn: { readonly role: string; readonly content: string }): string =>
  speakerOf(turn.role) === null ? "" : redact(withoutNoise(turn.content).text).trim();
