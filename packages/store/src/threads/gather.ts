/**
 * Group commit: single memories that arrive while an earlier write is still under way are stored together, in one
 * transaction and with one flush to disk. Each caller gets its own outcomes. What ends the transaction is everyone's,
 * such as a full disk; only when it is a fault of our own, which one memory may have caused, is each call tried alone.
 */
import { toCairnError } from "@cairn/kernel/error";
import type { Actor, RememberItem, RememberOutcome } from "@cairn/memory/space/engine";

/** Larger calls are transactions of their own. */
export const smallCall = 64;
const mostTogether = 256;

type Outcomes = readonly RememberOutcome[];
type Store = (space: string, actor: Actor, items: () => readonly RememberItem[]) => Promise<Outcomes>;

interface Group {
  readonly actor: Actor;
  readonly items: RememberItem[];
  calls: number;
  stored: Promise<Outcomes>;
}

export interface Gatherer {
  readonly remember: (space: string, actor: Actor, items: readonly RememberItem[]) => Promise<Outcomes>;
  /** Another write has queued up: what comes now is stored after it, not with what came before it. */
  readonly seal: (space: string) => void;
}

/** `store` calls `items` when its turn has come; from then on nothing is added to the group. */
export const makeGatherer = (store: Store): Gatherer => {
  const open = new Map<string, Group>();

  const start = (space: string, actor: Actor): Group => {
    const group: Group = { actor, items: [], calls: 0, stored: Promise.resolve([]) };
    const close = (): void => {
      if (open.get(space) === group) open.delete(space);
    };
    open.set(space, group);
    group.stored = store(space, actor, () => {
      close();
      return group.items;
    }).finally(close);
    return group;
  };

  const groupFor = (space: string, actor: Actor, count: number): Group => {
    const known = open.get(space);
    const fits =
      known !== undefined &&
      known.actor.principal === actor.principal &&
      known.actor.instance === actor.instance &&
      known.items.length + count <= mostTogether;
    return fits ? known : start(space, actor);
  };

  return {
    remember: async (space, actor, items) => {
      const group = groupFor(space, actor, items.length);
      const from = group.items.length;
      group.items.push(...items);
      group.calls++;
      try {
        return (await group.stored).slice(from, from + items.length);
      } catch (error) {
        if (group.calls === 1 || toCairnError(error).code !== "internal") throw error;
        return store(space, actor, () => items);
      }
    },
    seal: (space) => void open.delete(space),
  };
};
