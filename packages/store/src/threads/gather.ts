/**
 * Group commit: single memories that arrive while an earlier write is still under way are stored together, in one
 * transaction and with one flush to disk. Each caller gets its own outcomes. What ends the transaction is everyone's,
 * such as a full disk; only when it is a fault of our own, which one memory may have caused, is each call tried alone.
 * Calls of one writer belong together whatever their notes for the audit are: each brings its own (TEN-8).
 */
import { toCairnError } from "@cairn/kernel/error";
import type { Actor, RememberItem, RememberOutcome } from "@cairn/memory/space/engine";
import type { StoredCall } from "@cairn/memory/write/notes";

/** Larger calls are transactions of their own. */
export const smallCall = 64;
const mostTogether = 256;

/** The memories of one or more calls, one call's after the other's, and what each call says of itself. */
export interface Gathered {
  readonly items: readonly RememberItem[];
  readonly calls: readonly StoredCall[];
}

type Outcomes = readonly RememberOutcome[];
/** Who writes; the notes are those of the calls. */
type Writer = Omit<Actor, "note">;
type Store = (space: string, writer: Writer, take: () => Gathered) => Promise<Outcomes>;

interface Group {
  readonly writer: Writer;
  readonly items: RememberItem[];
  readonly calls: StoredCall[];
  stored: Promise<Outcomes>;
}

export interface Gatherer {
  readonly remember: (space: string, actor: Actor, items: readonly RememberItem[]) => Promise<Outcomes>;
  /** Another write has queued up: what comes now is stored after it, not with what came before it. */
  readonly seal: (space: string) => void;
}

/** `store` calls `take` when its turn has come; from then on nothing is added to the group. */
export const makeGatherer = (store: Store): Gatherer => {
  const open = new Map<string, Group>();

  const start = (space: string, writer: Writer): Group => {
    const group: Group = { writer, items: [], calls: [], stored: Promise.resolve([]) };
    const close = (): void => {
      if (open.get(space) === group) open.delete(space);
    };
    open.set(space, group);
    group.stored = store(space, writer, () => {
      close();
      return group;
    }).finally(close);
    return group;
  };

  const groupFor = (space: string, writer: Writer, count: number): Group => {
    const known = open.get(space);
    const fits =
      known !== undefined &&
      known.writer.principal === writer.principal &&
      known.writer.instance === writer.instance &&
      known.items.length + count <= mostTogether;
    return fits ? known : start(space, writer);
  };

  return {
    remember: async (space, { note, ...writer }, items) => {
      const group = groupFor(space, writer, items.length);
      const from = group.items.length;
      const call: StoredCall = { count: items.length, note };
      group.items.push(...items);
      group.calls.push(call);
      try {
        return (await group.stored).slice(from, from + items.length);
      } catch (error) {
        if (group.calls.length === 1 || toCairnError(error).code !== "internal") throw error;
        return store(space, writer, () => ({ items, calls: [call] }));
      }
    },
    seal: (space) => void open.delete(space),
  };
};
