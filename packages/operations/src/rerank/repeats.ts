/**
 * One place for one thing said: a turn that is stored as a memory is often in a transcript too, and a recall over both
 * would answer with it twice. A chunk of a transcript that holds nothing but memories of the same answer gives its place
 * to what comes next; one that holds more stays and names the memories that it repeats.
 */
import type { Found } from "./found.ts";

interface Span {
  readonly from: number;
  readonly to: number;
}

const mostOccurrences = 16;
const speaker = /^[^\n:]{1,100}: $/u;

/** Where the text stands in the chunk as a turn of its own, its speaker's label included. */
const turnsOf = (chunk: string, text: string): readonly Span[] => {
  const spans: Span[] = [];
  let at = text === "" ? -1 : chunk.indexOf(text);
  for (let count = 0; at >= 0 && count < mostOccurrences; count++) {
    const line = at === 0 ? 0 : chunk.lastIndexOf("\n", at - 1) + 1;
    const label = chunk.slice(line, at);
    const to = at + text.length;
    const ends = to === chunk.length || chunk.charAt(to) === "\n";
    if (ends && (label === "" || speaker.test(label))) spans.push({ from: line, to });
    at = chunk.indexOf(text, to);
  }
  return spans;
};

interface Repeat {
  readonly id: string;
  readonly spans: readonly Span[];
}

const rest = (chunk: string, repeats: readonly Repeat[]): string => {
  const spans = repeats.flatMap(({ spans: own }) => own).toSorted((a, b) => a.from - b.from);
  let left = "";
  let from = 0;
  for (const span of spans) {
    left += chunk.slice(from, Math.max(from, span.from));
    from = Math.max(from, span.to);
  }
  return left + chunk.slice(from);
};

const says = /[\p{L}\p{N}]/u;

/** The best `limit` without chunks that are repeated whole, best first. */
export const withoutRepeats = (found: readonly Found[], limit: number): readonly Found[] => {
  const memories = found.flatMap(({ space, hit }) => (hit.type === "memory" ? [{ space, memory: hit.memory }] : []));
  const repeatsOf = new Map<Found, readonly Repeat[]>(
    found.map((one) => {
      const { hit, space } = one;
      if (hit.type === "memory") return [one, []];
      const own = memories.filter((other) => other.space === space);
      const all = own.map(({ memory }) => ({
        id: memory.id,
        spans: turnsOf(hit.chunk.content, memory.content.trim()),
      }));
      return [one, all.filter(({ spans }) => spans.length > 0)];
    }),
  );
  let left = found;
  for (;;) {
    const best = left.slice(0, limit);
    const shown = new Set(best.flatMap(({ hit }) => (hit.type === "memory" ? [hit.memory.id] : [])));
    const repeated = best.map((one) => (repeatsOf.get(one) ?? []).filter(({ id }) => shown.has(id)));
    const whole = best.find(
      ({ hit }, at) =>
        hit.type === "session" && repeated[at]!.length > 0 && !says.test(rest(hit.chunk.content, repeated[at]!)),
    );
    if (whole === undefined) return best.map((one, at) => ({ ...one, repeats: repeated[at]!.map(({ id }) => id) }));
    left = left.filter((one) => one !== whole);
  }
};
