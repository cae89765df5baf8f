/**
 * The token budget of a recall (REC-6). Results stay in order of relevance: the list ends where the budget does,
 * nothing smaller from further down takes a place. A result whose neighbours do not fit comes without them.
 */
import type { RecallHit } from "@cairn/memory/recall/query";

/** Tokens of a text, at the usual four characters each. */
export const tokensOf = (text: string): number => Math.ceil(text.length / 4);

const ownTokens = (hit: RecallHit): number => tokensOf(hit.type === "memory" ? hit.memory.content : hit.chunk.content);

const allTokens = (hit: RecallHit): number =>
  hit.neighbours.reduce((sum, { content }) => sum + tokensOf(content), ownTokens(hit));

export interface Budgeted<Hit> {
  readonly hits: readonly Hit[];
  readonly tokens: number;
  /** Whether anything was left out. */
  readonly cut: boolean;
}

/** The longest beginning of the list that fits. */
export const withinBudget = <Found extends { readonly hit: RecallHit }>(
  found: readonly Found[],
  budget: number = Number.POSITIVE_INFINITY,
): Budgeted<Found> => {
  const hits: Found[] = [];
  let tokens = 0;
  let cut = false;
  for (const one of found) {
    const whole = allTokens(one.hit);
    if (tokens + whole <= budget) {
      hits.push(one);
      tokens += whole;
      continue;
    }
    cut = true;
    const own = ownTokens(one.hit);
    if (tokens + own > budget) break;
    hits.push({ ...one, hit: { ...one.hit, neighbours: [] } });
    tokens += own;
  }
  return { hits, tokens, cut };
};
