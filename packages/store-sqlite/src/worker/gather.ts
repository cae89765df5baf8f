/**
 * Group commit: single memories that arrive while an earlier write is still under way are stored together, in one
 * transaction and with one flush to disk. Each caller gets its own outcomes; an error of the transaction is everyone's.
 */
import type { Actor, RememberItem, RememberOutcome } from "@cairn/memory/space/engine";

/** Larger calls are transactions of their own. */
export const smallCall = 16;
const mostTogether = 128;

type Outcomes = readonly RememberOutcome[];
type Store = (space: string, actor: Actor, items: () => readonly RememberItem[]) => Promise<Outcomes>;

interface Group {
  readonly items: RememberItem[];
  stored: Promise<Outcomes>;
}

/** `store` calls `items` when its turn has come; from then on nothing is added to the group. */
export const makeGatherer = (
  store: Store,
): ((space: string, actor: Actor, items: readonly RememberItem[]) => Promise<Outcomes>) => {
  const open = new Map<string, Group>();
  return async (space, actor, items) => {
    const key = JSON.stringify([space, actor.principal, actor.instance]);
    const known = open.get(key);
    let group = known;
    if (group === undefined || group.items.length + items.length > mostTogether) {
      const fresh: Group = { items: [], stored: Promise.resolve([]) };
      open.set(key, fresh);
      fresh.stored = store(space, actor, () => {
        if (open.get(key) === fresh) open.delete(key);
        return fresh.items;
      });
      group = fresh;
    }
    const from = group.items.length;
    group.items.push(...items);
    const outcomes = await group.stored;
    return outcomes.slice(from, from + items.length);
  };
};
