/**
 * Sessions: how a transcript is cut into chunks that can be found, and which of the messages that a client sends are
 * new. Pure and deterministic, so that a transcript that grows keeps its earlier chunks.
 */
import type { SessionMessage } from "../space/engine.ts";

/** About four characters a token; a chunk is closed at 400 tokens and the next begins with the last 50. */
const charactersPerToken = 4;
const chunkCharacters = 400 * charactersPerToken;
const overlapCharacters = 50 * charactersPerToken;

export interface MessageChunk {
  readonly index: number;
  readonly content: string;
  /** Positions of the first and last message that it holds, from 0. */
  readonly first: number;
  readonly last: number;
}

interface Piece {
  readonly text: string;
  readonly position: number;
}

/** One message as lines of text; a long one is cut at spaces so that no piece exceeds a chunk. */
const piecesOf = (message: SessionMessage, position: number): Piece[] => {
  const text = `${message.role}: ${message.content}`;
  const pieces: Piece[] = [];
  let from = 0;
  while (text.length - from > chunkCharacters) {
    const space = text.lastIndexOf(" ", from + chunkCharacters);
    let to = space > from + chunkCharacters / 2 ? space : from + chunkCharacters;
    // Never between the halves of a surrogate pair.
    if (/[\ud800-\udbff]/.test(text.charAt(to - 1))) to--;
    pieces.push({ text: text.slice(from, to), position });
    from = to;
  }
  pieces.push({ text: text.slice(from), position });
  return pieces;
};

/** The end of a chunk that the next one repeats, from a word's start. */
const tailOf = (text: string): string => {
  if (text.length <= overlapCharacters) return text;
  const tail = text.slice(-overlapCharacters);
  const space = tail.search(/\s/);
  return space >= 0 ? tail.slice(space + 1) : tail.replace(/^[\udc00-\udfff]/, "");
};

/** All chunks of a transcript. Adding messages changes only the last chunk and what follows it. */
export const chunkSession = (messages: readonly SessionMessage[]): readonly MessageChunk[] => {
  const chunks: MessageChunk[] = [];
  let content = "";
  let first = 0;
  let fresh = false;
  const close = (last: number): void => {
    chunks.push({ index: chunks.length, content, first, last });
    content = tailOf(content);
    first = last;
    fresh = false;
  };
  let lastPosition = 0;
  for (const [position, message] of messages.entries()) {
    for (const piece of piecesOf(message, position)) {
      if (fresh && content.length + piece.text.length > chunkCharacters) close(lastPosition);
      if (content === "") first = piece.position;
      content = content === "" ? piece.text : `${content}\n${piece.text}`;
      fresh = true;
      lastPosition = piece.position;
    }
  }
  if (fresh) chunks.push({ index: chunks.length, content, first, last: lastPosition });
  return chunks;
};

const same = (a: SessionMessage, b: SessionMessage): boolean =>
  a.role === b.role && a.content === b.content && (!a.timed || !b.timed || a.at === b.at);

const identity = (message: SessionMessage): string => JSON.stringify([message.role, message.content]);

/**
 * The messages of `sent` that are not stored yet, in order. Clients send the whole transcript again, its end, or only
 * what is new; all three work: first an overlap is looked for (what was sent starts inside what is stored and runs to
 * its end, or lies inside it), else each message is matched once by role, text and, where both have one, time.
 */
export const newMessages = (
  stored: readonly SessionMessage[],
  sent: readonly SessionMessage[],
): readonly SessionMessage[] => {
  const firstSent = sent[0];
  if (firstSent === undefined || stored.length === 0) return sent;
  for (let start = 0; start < stored.length; start++) {
    if (!same(stored[start]!, firstSent)) continue;
    let run = 0;
    while (run < sent.length && start + run < stored.length && same(stored[start + run]!, sent[run]!)) run++;
    if (run === sent.length || start + run === stored.length) return sent.slice(run);
  }
  const unmatched = new Map<string, SessionMessage[]>();
  for (const message of stored) {
    const key = identity(message);
    unmatched.set(key, [...(unmatched.get(key) ?? []), message]);
  }
  return sent.filter((message) => {
    const known = unmatched.get(identity(message));
    const at = known?.findIndex((other) => same(other, message)) ?? -1;
    if (known === undefined || at < 0) return true;
    known.splice(at, 1);
    return false;
  });
};
