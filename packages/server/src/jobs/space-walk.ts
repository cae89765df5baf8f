/**
 * Looks through all spaces now and then, for work that nobody told of: a portion at a time with a pause after it, so
 * that ten thousand spaces with nothing to do cost a handful of questions a second and not ten thousand at once. A
 * round over them takes `portionEveryMs` for each portion, and the next one begins `every` after its end.
 *
 * Where servers share a database one of them walks, the leader, until it ends or loses its connection; the others do
 * what they were told of. Where leases are files each process walks: there are few, and the spaces are one machine's.
 */
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import type { Lease, TakeLease } from "./lease.ts";

export interface SpaceWalkOptions {
  readonly directory: Pick<SpaceDirectory, "page">;
  /** Milliseconds after the start until the first round, and between two. */
  readonly after: number;
  readonly every: number;
  /** Spaces that are looked at together, and milliseconds until the next ones are. */
  readonly portion?: number;
  readonly portionEveryMs?: number;
  /** Null: this process walks whatever others do. */
  readonly lead: (() => ReturnType<TakeLease>) | null;
  readonly now: () => number;
}

export interface SpaceWalk {
  /** When `next` is to be called again. */
  readonly nextAt: () => number;
  /** Some spaces to look at; none while another leads. After an error the round goes on where it was. */
  readonly next: () => Promise<readonly string[]>;
  /** Lets another lead. */
  readonly stop: () => Promise<void>;
}

export const walkSpaces = ({
  directory,
  after,
  every,
  portion = 100,
  portionEveryMs = 10_000,
  lead,
  now,
}: SpaceWalkOptions): SpaceWalk => {
  let at = now() + after;
  let position: string | null = null;
  let held: Lease | null = null;

  const leads = async (): Promise<boolean> => {
    if (lead === null) return true;
    if (position !== null) {
      await held?.renew();
      return true;
    }
    // At the start of each round: a connection that broke meanwhile took the lease with it, and another may have it.
    await held?.release();
    held = await lead();
    return held !== null;
  };

  return {
    nextAt: () => at,
    next: async () => {
      at = now() + every;
      if (!(await leads())) return [];
      const spaces = await directory.page({ after: position, limit: portion });
      const last = spaces.length < portion ? null : (spaces.at(-1)?.id ?? null);
      position = last;
      if (last !== null) at = now() + Math.min(every, portionEveryMs);
      return spaces.map(({ id }) => id);
    },
    stop: async () => {
      await held?.release();
      held = null;
    },
  };
};
