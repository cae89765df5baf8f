/**
 * The job that gives texts the vectors that they lack and changes spaces over to the configured model (EMB-4, EMB-6). It
 * looks at a space as soon as something was stored there without vectors, and through all of them at the start and now
 * and then (`space-walk.ts`), for what a server that died left behind and for a model that is new. It keeps no state of
 * its own: what is left to do is in the spaces' files.
 */
import { CairnError, isCairnError } from "@cairn/kernel/error";
import type { Services } from "@cairn/operations/context";
import { fillSpace, needsFilling } from "./fill-space.ts";
import { firstTime } from "./first-time.ts";
import type { Lease, TakeLease } from "./lease.ts";
import { makePatience } from "./patience.ts";
import { walkSpaces } from "./space-walk.ts";

export interface VectorJobOptions {
  /** Milliseconds after the start until all spaces are looked through, and between two times. */
  readonly after?: number;
  readonly every?: number;
  /** How long a space waits for more of the same after something was stored there without vectors. */
  readonly debounce?: number;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
  readonly portion?: number;
  readonly random?: () => number;
  /** Keeps two processes from making the same vectors; by default nothing does. */
  readonly lease?: TakeLease;
  /** Whether one of the servers that share `lease` looks through all spaces for all of them. */
  readonly leads?: boolean;
  /** Told of a space whose vectors could not be made for another reason than an embedder that does not answer. */
  readonly failed?: (error: unknown) => void;
  /** Takes a line for people: once for each outage of an embedder. */
  readonly warn?: (line: string) => void;
}

export interface VectorJobStatus {
  readonly working: string | null;
  /** Spaces that are known to wait. */
  readonly waiting: number;
  /** Vectors made since the start. */
  readonly made: number;
  /** Models whose embedders do not answer now. */
  readonly unavailable: readonly string[];
}

export interface VectorJob {
  readonly due: (space: string) => void;
  readonly status: () => VectorJobStatus;
  /** Ends what is under way and resolves when nothing is any more. */
  readonly stop: () => Promise<void>;
}

const minute = 60_000;
const noLease: Lease = { renew: async () => undefined, release: async () => undefined };
/** Others may go by what they knew of a space for some seconds: what they wrote after a change is looked for then. */
const afterChangeMs = 10_000;
const leaseAgainMs = 5_000;

/** Begins at once to wait; never keeps the process alive. */
export const startVectorJob = (services: Services, options: VectorJobOptions = {}): VectorJob => {
  const { after = 1_000, every = 5 * minute, debounce = 250, portion = 64, random = Math.random } = options;
  const { firstPauseMs = 2_000, longestPauseMs = 5 * minute, lease = async () => noLease, leads = false } = options;
  const { failed = () => undefined, warn = () => undefined } = options;
  const now = (): number => performance.now();
  const stopping = new AbortController();
  const { signal } = stopping;
  const due = new Map<string, number>();
  // Two servers with different settings would otherwise change a space there and back for ever.
  const decided = new Map<string, "once" | "told">();
  const patience = makePatience({
    now,
    random,
    firstPauseMs,
    longestPauseMs,
    unavailable: (model, { message }) =>
      warn(`${message} What is written meanwhile is found by words; its vectors (${model}) follow.`),
  });
  const patient = {
    ...services,
    embedder: patience.with(services.embedder),
    embedderOf: async (model: string) => {
      const embedder = await services.embedderOf(model);
      return embedder === null ? null : patience.with(embedder);
    },
  };
  // Servers with different models, while one replaces the other, look for different things.
  const lead = leads ? () => lease(`vector walk ${services.embedder.model.id}`) : null;
  const walk = walkSpaces({ directory: services.directory, after, every, lead, now });
  let made = 0;
  let working: string | null = null;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const dueAt = (space: string, at: number): void => void due.set(space, Math.min(at, due.get(space) ?? Infinity));

  const mayChange = (space: string) => (): boolean => {
    const before = decided.get(space);
    decided.set(space, before === undefined ? "once" : "told");
    if (before === "once") {
      const { id } = services.embedder.model;
      warn(`Another process with other settings changed a space's model back from ${id}; it is left so.`);
    }
    return before === undefined;
  };

  const work = async (space: string): Promise<void> => {
    // Asking about a space that was removed meanwhile would make its file anew.
    if ((await services.directory.resolve(space)) === null) return;
    const state = await services.engine.read(space).vectorState();
    if (!needsFilling(state, services)) return;
    const held = await lease(space);
    if (held === null) return dueAt(space, now() + leaseAgainMs);
    let before = 0;
    const progress = async (filled: number): Promise<void> => {
      made += filled - before;
      before = filled;
      await held.renew();
    };
    try {
      const { changed, refused } = await fillSpace(patient, space, {
        signal,
        progress,
        mayChange: mayChange(space),
        portion,
      });
      if (changed) dueAt(space, now() + afterChangeMs);
      if (refused[0] !== undefined) failed(refused[0]);
    } finally {
      await held.release();
    }
  };

  const attempt = async (space: string): Promise<void> => {
    due.delete(space);
    working = space;
    try {
      await work(space);
    } catch (error) {
      if (signal.aborted) return;
      if (!isCairnError(error) || error.code !== "embedding.unavailable") failed(error);
      else dueAt(space, patience.until() ?? now() + firstPauseMs);
    } finally {
      working = null;
    }
  };

  const round = async (): Promise<void> => {
    // While an embedder is away there is enough that waits for it.
    if (now() >= walkAt()) for (const id of await walk.next()) dueAt(id, now());
    const ready = [...due].filter(([, at]) => at <= now()).map(([space]) => space);
    for (const space of ready) if (!signal.aborted) await attempt(space);
  };

  const walkAt = (): number => Math.max(walk.nextAt(), patience.until() ?? 0);

  const wait = (): void => {
    if (signal.aborted || running !== null) return;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        running = round()
          .catch(failed)
          .finally(() => {
            running = null;
            wait();
          });
      },
      Math.max(0, firstTime(due.values(), walkAt()) - now()),
    );
    timer.unref();
  };
  wait();

  return {
    due: (space) => {
      dueAt(space, now() + debounce);
      wait();
    },
    status: () => ({ working, waiting: due.size, made, unavailable: patience.unavailable() }),
    stop: async () => {
      stopping.abort(new CairnError("server.shutting_down", "The server is stopping."));
      clearTimeout(timer);
      await running;
      await walk.stop();
    },
  };
};
