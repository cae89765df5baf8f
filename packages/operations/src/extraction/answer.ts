/**
 * What a model answered, as far as it can be believed: JSON of the right shape, within bounds, in words that the turns
 * have, holding neither a secret nor an instruction. What does not pass is dropped, one fact at a time.
 */
import { holdsSecret } from "@cairn/memory/capture/secrets";
import { categories, type Category } from "@cairn/memory/memory/memory";
import { analyze } from "@cairn/memory/text/analyzer";
import { instructionIn } from "@cairn/memory/trust/instruction";
import { z } from "zod";
import { factCharacters, mostFacts } from "./prompt.ts";
import type { ExtractionTurn } from "./window.ts";

export interface Fact {
  readonly content: string;
  readonly category: Category;
  readonly entity: string | null;
  readonly importance: number;
  readonly confidence: number;
  readonly validFrom: number | null;
  readonly validUntil: number | null;
  /** Positions of the turns that say it; never empty. */
  readonly turns: readonly number[];
}

export interface Facts {
  readonly facts: readonly Fact[];
  /** How many were dropped, by why. */
  readonly dropped: Readonly<Record<"shape" | "unsupported" | "secret" | "instruction" | "surplus", number>>;
}

const line = (most: number) =>
  z
    .string()
    .transform((given) => given.replace(/\s+/gu, " ").trim())
    .refine((given) => given.length > 0 && given.length <= most && given.isWellFormed() && !given.includes("\0"));
const share = z.number().min(0).max(1);

/** A day or an instant within the years 1900 to 2200; anything else is no time. */
const time = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/u)
  .transform((given) => Date.parse(/T/u.test(given) && !/(?:Z|[+-]\d{2}:\d{2})$/u.test(given) ? `${given}Z` : given))
  .refine((at) => at >= Date.UTC(1900, 0) && at < Date.UTC(2200, 0));

const fact = z.object({
  content: line(factCharacters),
  category: z.enum(categories).catch("fact"),
  entity: line(100).nullish().catch(null),
  importance: share.catch(0.5),
  confidence: share.catch(0.5),
  valid_from: time.nullish().catch(null),
  valid_until: time.nullish().catch(null),
  turns: z.array(z.unknown()).max(1_000).catch([]),
});
const answer = z.object({ facts: z.array(z.unknown()).max(10_000) });

/** The JSON of an answer: the whole of it, a fenced block in it, or what lies between its outermost braces. */
const jsonIn = (text: string): unknown => {
  const plain = text.replace(/^\ufeff/u, "").trim();
  const [from, to] = [plain.indexOf("{"), plain.lastIndexOf("}")];
  for (const candidate of [plain, from < 0 || to < from ? "" : plain.slice(from, to + 1)]) {
    try {
      return JSON.parse(candidate) as unknown;
    } catch {
      // The next candidate, or none.
    }
  }
  return undefined;
};

/** At least so much of what a fact says must be said in the turns: words that it adds are names, dates, or made up. */
const leastSupport = 0.5;

const isSupported = (content: string, said: ReadonlySet<string>): boolean => {
  const terms = [...new Set(analyze(content))];
  const shared = terms.filter((term) => said.has(term)).length;
  return shared > 0 && shared >= leastSupport * terms.length;
};

/** Null when the answer is not of the right shape at all. */
export const readFacts = (text: string, turns: readonly ExtractionTurn[]): Facts | null => {
  const parsed = answer.safeParse(jsonIn(text));
  if (!parsed.success) return null;
  const said = new Set(turns.flatMap((turn) => analyze(turn.text)));
  const positions = new Set(turns.flatMap(({ position, context }) => (context ? [] : [position])));
  const dropped = { shape: 0, unsupported: 0, secret: 0, instruction: 0, surplus: 0 };
  const facts: Fact[] = [];
  const seen = new Set<string>();
  for (const given of parsed.data.facts) {
    const read = fact.safeParse(given);
    if (!read.success) {
      dropped.shape += 1;
      continue;
    }
    const { content, category, entity, importance, confidence, valid_from: start, valid_until: end } = read.data;
    const sources = read.data.turns.filter((id): id is number => typeof id === "number" && positions.has(id));
    if (holdsSecret(content) || holdsSecret(entity ?? "")) dropped.secret += 1;
    else if (instructionIn(`${entity ?? ""}\n${content}`) !== null) dropped.instruction += 1;
    else if (!isSupported(content, said)) dropped.unsupported += 1;
    else if (facts.length >= mostFacts || seen.has(content.toLowerCase())) dropped.surplus += 1;
    else {
      seen.add(content.toLowerCase());
      const ordered = start === null || start === undefined || end === null || end === undefined || start < end;
      facts.push({
        content,
        category,
        entity: entity ?? null,
        importance,
        confidence,
        validFrom: ordered ? (start ?? null) : null,
        validUntil: ordered ? (end ?? null) : null,
        turns: sources.length > 0 ? [...new Set(sources)] : [...positions],
      });
    }
  }
  return { facts, dropped };
};
