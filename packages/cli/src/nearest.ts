/** Edit distance with swaps of neighbours (optimal string alignment): the slips of a typing hand. */
const distance = (one: string, other: string): number => {
  let previous: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + change);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) least = Math.min(least, (previous[j - 2] ?? 0) + 1);
      next.push(least);
    }
    previous = row;
    row = next;
  }
  return row[other.length] ?? 0;
};

const mostCharacters = 40;

/** The name that was probably meant, or `null` when none is near. Of equally near ones the first. */
export const nearest = (given: string, names: readonly string[]): string | null => {
  const wanted = given.toLowerCase();
  if (wanted === "" || wanted.length > mostCharacters) return null;
  const begun = names.filter((name) => name.startsWith(wanted));
  if (begun.length === 1) return begun[0] ?? null;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const steps = distance(wanted, name);
    if (steps < least) [best, least] = [name, steps];
  }
  return best;
};
