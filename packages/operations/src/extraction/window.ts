/**
 * The part of a session that one question to a model is about: as many messages as fit its budget, without what nobody
 * said (preambles, recalled text, tool output, code) and without secrets. The last turns that were read before come
 * along, so that "she" and "that one" can be understood.
 */
import { isSmallTalk } from "@cairn/memory/capture/sentences";
import { spokenText } from "@cairn/memory/capture/spoken";
import type { SessionMessage } from "@cairn/memory/space/engine";

export interface ExtractionTurn {
  /** Position in its session. */
  readonly position: number;
  readonly role: string;
  readonly at: number;
  readonly timed: boolean;
  readonly text: string;
  /** Was read before. */
  readonly context: boolean;
}

export interface ExtractionWindow {
  /** The first position that is not part of it. */
  readonly to: number;
  readonly turns: readonly ExtractionTurn[];
  /** Nobody said anything in it that a model should read. */
  readonly empty: boolean;
}

/** Characters, at about four a token: 6,000 tokens a question. */
export const windowCharacters = 24_000;
const turnCharacters = 6_000;
export const contextTurns = 3;
const contextCharacters = 800;

const cut = (text: string, most: number): string => (text.length <= most ? text : text.slice(0, most).toWellFormed());

/** `messages` begin at position `first`; those before `from` are context. At least one message behind `from` is read. */
export const windowOf = (messages: readonly SessionMessage[], first: number, from: number): ExtractionWindow => {
  const turns: ExtractionTurn[] = [];
  let characters = 0;
  let to = from;
  for (const [index, message] of messages.entries()) {
    const position = first + index;
    const context = position < from;
    const text = cut(spokenText(message), context ? contextCharacters : turnCharacters);
    if (!context && to > from && characters + text.length > windowCharacters) break;
    if (!context) to = position + 1;
    if (text === "") continue;
    characters += text.length;
    const { role, at, timed } = message;
    turns.push({ position, role, at, timed, text, context });
  }
  const empty = turns.every(({ context, text }) => context || isSmallTalk(text));
  return { to, turns, empty };
};
