/**
 * The projections of one storage thread. Small spaces are read anew for each question, which costs a server no memory
 * however many tenants it has; larger ones are kept, the one unused for longest going first when there are too many or
 * they take too much memory.
 */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Arena } from "@cairn/store/arena/arena";
import type { Connection } from "../connection/pool.ts";
import { isPoolFull, pooledVectors, spilledVectors } from "./make-vectors.ts";
import { makeProjection, type MakeVectors, type Projection } from "./projection.ts";

export interface ProjectionOptions {
  readonly arena: Arena;
  readonly model: EmbeddingModel;
  readonly mostSpaces: number;
  /** Of the indexes that are kept, vectors not counted: those are in the pool. */
  readonly mostBytes: number;
  /** Spaces of fewer documents are not kept. */
  readonly keptFrom: number;
}

/** What becomes of a space of so many texts whose index has not been begun: `instead`, and no index. */
export interface NotBegun<T> {
  readonly from: number;
  readonly instead: (texts: number) => T;
}

export interface Projections {
  /**
   * Runs `work` on the space's projection, up to date with what is committed; what it does before it awaits anything
   * sees one state. `besides` is awaited first.
   */
  readonly use: <T>(
    connection: Connection,
    space: string,
    work: (projection: Projection) => Promise<T>,
    besides?: Promise<unknown>,
    large?: NotBegun<T>,
  ) => Promise<T>;
  readonly forget: (space: string) => void;
  /** Whether the space's index has been read already; whether it is being read for the first time. */
  readonly has: (space: string) => boolean;
  readonly isBegun: (space: string) => boolean;
  /** What the indexes take that were used of late; others would make room for one more. */
  readonly bytesInUse: () => number;
  readonly figures: () => { readonly spaces: number; readonly bytes: number };
  readonly close: () => void;
}

interface Kept {
  readonly projection: Projection;
  users: number;
  /** When it was last asked; 0 while it is being read for the first time. */
  usedAt: number;
}

/** What was used so long ago is not needed any more when there is too little memory. */
const coldMs = 60_000;

export const makeProjections = ({ arena, model, mostSpaces, mostBytes, keptFrom }: ProjectionOptions): Projections => {
  // In the order of use: the first was unused for longest.
  const kept = new Map<string, Kept>();
  const bytesOfAll = (): number => [...kept.values()].reduce((sum, { projection }) => sum + projection.bytes(), 0);

  const release = (space: string): void => {
    const found = kept.get(space);
    kept.delete(space);
    if (found?.users === 0) found.projection.release();
  };
  /** False when every other one is in use. */
  const releaseColdest = (except: string): boolean => {
    for (const [space, { users }] of kept) {
      if (space === except || users > 0) continue;
      release(space);
      return true;
    }
    return false;
  };
  const makeRoom = (space: string): void => {
    while (kept.size > mostSpaces && releaseColdest(space));
    while (kept.size > 1 && bytesOfAll() > mostBytes && releaseColdest(space));
  };

  const take = (space: string): Kept => {
    const found = kept.get(space) ?? {
      projection: makeProjection(space, model, pooledVectors(arena, space)),
      users: 0,
      usedAt: 0,
    };
    kept.delete(space);
    kept.set(space, found);
    found.users++;
    return found;
  };
  const giveBack = (space: string, one: Kept): void => {
    one.users--;
    if (kept.get(space) !== one) {
      if (one.users === 0) one.projection.release();
    } else if (one.users === 0 && one.projection.documents() < keptFrom) release(space);
    else makeRoom(space);
  };

  const discard = (space: string, one: Kept): void => {
    if (kept.get(space) === one) kept.delete(space);
  };
  /** Instead of `one`, which is not used any more: what somebody else has begun by now, or one of its own. */
  const exchange = (space: string, one: Kept, makeVectors: () => MakeVectors): Kept => {
    discard(space, one);
    const other = kept.get(space) ?? { projection: makeProjection(space, model, makeVectors()), users: 0, usedAt: 0 };
    other.users++;
    kept.set(space, other);
    giveBack(space, one);
    return other;
  };
  /**
   * The pool has no room: what others hold goes first, more each time, and where nothing can go, the space's vectors lie
   * beside the pool.
   */
  const withRoom = (space: string, attempt: number): MakeVectors => {
    let released = false;
    for (let count = 2 ** attempt; count > 0 && releaseColdest(space); count--) released = true;
    return released ? pooledVectors(arena, space) : spilledVectors(arena, space);
  };

  return {
    use: async (connection, space, work, besides, large) => {
      let one = take(space);
      let attempt = 0;
      try {
        for (let ready = false; !ready;) {
          try {
            const texts = await one.projection.follow(connection, large?.from);
            if (texts !== null && large !== undefined) {
              await besides;
              return large.instead(texts);
            }
          } catch (error) {
            // Half of a change must not stay behind: the next question starts anew.
            discard(space, one);
            if (!isPoolFull(error)) throw error;
            const tries = attempt++;
            one = exchange(space, one, () => withRoom(space, tries));
            continue;
          }
          await besides;
          if (one.projection.isOutlived()) one = exchange(space, one, () => pooledVectors(arena, space));
          else ready = one.projection.isWhole();
        }
        one.usedAt = Date.now();
        return await work(one.projection);
      } finally {
        giveBack(space, one);
      }
    },
    forget: release,
    has: (space) => (kept.get(space)?.usedAt ?? 0) > 0,
    isBegun: (space) => kept.get(space)?.usedAt === 0,
    bytesInUse: () => {
      const since = Date.now() - coldMs;
      const used = [...kept.values()].filter(({ users, usedAt }) => users > 0 || usedAt > since);
      return used.reduce((sum, { projection }) => sum + projection.bytes(), 0);
    },
    figures: () => ({ spaces: kept.size, bytes: bytesOfAll() }),
    close: () => {
      for (const space of kept.keys()) release(space);
    },
  };
};
