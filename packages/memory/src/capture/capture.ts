/**
 * Automatic capture without a model (MEM-10): which sentences of a conversation become memories, and why the others do
 * not. What must never be kept is taken out first (`noise.ts`, `secrets.ts`, what was recalled in this session), then
 * what is left must be worth it (`worth.ts`). A sentence that holds a secret is dropped whole, even when it was asked
 * for: storing a secret takes an explicit `remember`. Pure and deterministic.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { Category, Trust } from "../memory/memory.ts";
import { normalizedContent } from "../memory/duplicate.ts";
import { type NoiseReason, withoutNoise } from "./noise.ts";
import { makeRecalled, type Recalled } from "./recalled.ts";
import { redact, removed } from "./secrets.ts";
import { isQuestion, isSmallTalk, sentencesOf } from "./sentences.ts";
import { speakerOf } from "./spoken.ts";
import { assistantThreshold, type CueName, weighWorth, type Worth, worthThreshold } from "./worth.ts";

export interface CaptureTurn {
  readonly role: string;
  readonly content: string;
  readonly author?: string | null;
  readonly at?: Millis | null;
}

export type SkipReason =
  | NoiseReason
  | "role"
  | "empty"
  | "secret"
  | "small_talk"
  | "question"
  | "already_recalled"
  | "repeated"
  | "too_short"
  | "too_long"
  | "not_worth_keeping";

export interface Kept {
  readonly turn: number;
  readonly keep: true;
  /** The cue that weighed most. */
  readonly reason: CueName;
  readonly text: string;
  readonly category: Category;
  /** 0..1. */
  readonly importance: number;
  readonly trust: Extract<Trust, "person" | "agent">;
}

export interface Skipped {
  readonly turn: number;
  readonly keep: false;
  readonly reason: SkipReason;
  /** What was skipped, without secrets; null for noise, which is not repeated. */
  readonly text: string | null;
}

export type Decision = Kept | Skipped;

const mostCharacters = 2_000;
/** A pasted document is nothing that someone said; ingest or import keeps those. */
const longestTurn = 20_000;
/** Two words can say something ("Ann vegetarian"), one hardly; scripts without spaces are counted in characters. */
const fewestWords = 3;
const fewestCharacters = 4;

const spaceless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const isTooShort = (sentence: string): boolean =>
  spaceless.test(sentence)
    ? [...sentence].length < fewestCharacters
    : (sentence.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? []).length < fewestWords;

const clamp = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;
/** A request to remember matters most; the rest by how much speaks for it. */
const importanceOf = ({ score, cue }: Worth): number => clamp(cue === "asked" ? 0.9 : 0.3 + 0.3 * score);

interface Judged {
  readonly reason: SkipReason | null;
  readonly worth: Worth | null;
}

const judge = (sentence: string, turn: CaptureTurn, assistant: boolean, recalled: Recalled): Judged => {
  const skip = (reason: SkipReason): Judged => ({ reason, worth: null });
  if (sentence.includes(removed)) return skip("secret");
  if (isSmallTalk(sentence)) return skip("small_talk");
  if (isTooShort(sentence)) return skip("too_short");
  if (sentence.length > mostCharacters) return skip("too_long");
  const worth = weighWorth(sentence, { assistant, author: turn.author ?? null });
  if (worth.cue !== "asked" && isQuestion(sentence)) return skip("question");
  if (recalled.holds(sentence)) return skip("already_recalled");
  if (worth.cue === null || worth.score < (assistant ? assistantThreshold : worthThreshold))
    return skip("not_worth_keeping");
  return { reason: null, worth };
};

const judgeTurn = (turn: CaptureTurn, index: number, recalled: Recalled, seen: Set<string>): readonly Decision[] => {
  const role = turn.role.trim().toLowerCase();
  const skip = (reason: SkipReason, text: string | null = null): Skipped => ({
    turn: index,
    keep: false,
    reason,
    text,
  });
  const speaker = speakerOf(role);
  const assistant = speaker === "assistant";
  if (speaker === null) return [skip(role === "tool" || role === "function" ? "tool_output" : "role")];
  if (turn.content.trim() === "") return [skip("empty")];
  const cleaned = withoutNoise(turn.content);
  const decisions: Decision[] = cleaned.reasons.map((reason) => skip(reason));
  if (cleaned.text.length > longestTurn) return [...decisions, skip("too_long")];
  for (const group of sentencesOf(redact(cleaned.text))) {
    let open: { text: string; worth: Worth } | null = null;
    const close = (): void => {
      if (open === null) return;
      const { text, worth } = open;
      open = null;
      const same = normalizedContent(text);
      if (seen.has(same)) return void decisions.push(skip("repeated", text));
      seen.add(same);
      decisions.push({
        turn: index,
        keep: true,
        reason: worth.cue ?? "claim",
        text,
        category: worth.category,
        importance: importanceOf(worth),
        trust: assistant ? "agent" : "person",
      });
    };
    for (const sentence of group) {
      const { reason, worth } = judge(sentence, turn, assistant, recalled);
      if (worth === null) {
        close();
        if (reason !== null) decisions.push(skip(reason, sentence));
        continue;
      }
      // Sentences worth keeping that follow each other belong together, as long as they say the same kind of thing.
      const joined: string | null = open === null ? null : `${open.text} ${sentence}`;
      if (open !== null && joined !== null && joined.length <= mostCharacters && open.worth.category === worth.category)
        open = { text: joined, worth: worth.score > open.worth.score ? worth : open.worth };
      else {
        close();
        open = { text: sentence, worth };
      }
    }
    close();
  }
  return decisions.length === 0 ? [skip("empty")] : decisions;
};

/**
 * Decides turn by turn, so that a caller who serves others too can pause between two. `recalled`: texts that were
 * brought into the prompt of this session, which are not kept again.
 */
export const makeCapture = (
  recalled: readonly string[] = [],
): ((turn: CaptureTurn, index: number) => readonly Decision[]) => {
  const known = makeRecalled(recalled);
  const seen = new Set<string>();
  return (turn, index) => judgeTurn(turn, index, known, seen);
};

/** What of these turns to keep, in order. */
export const captureTurns = (turns: readonly CaptureTurn[], recalled: readonly string[] = []): readonly Decision[] =>
  turns.flatMap(makeCapture(recalled));
