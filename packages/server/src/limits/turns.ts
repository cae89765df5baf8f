/**
 * Turns on one server (TEN-4): how many calls of each kind run at once, how many of one organisation, and who is next.
 *
 * The organisation that has had least is next: start-time fair queueing (Goyal, Vin, Cheng 1996). Each start moves its
 * organisation's clock on by what the call costs; the clock that is furthest behind goes first, and one that comes anew
 * begins where the others are. Within an organisation calls go in the order they came. Nobody waits for ever, because
 * every start of another brings one's own turn nearer; who would wait too long is told to come again.
 */
import { CairnError } from "@cairn/kernel/error";

/** What a call keeps busy: reading, a single write, or work in proportion to its items. */
export const works = ["light", "medium", "heavy"] as const;
export type Work = (typeof works)[number];

export interface TurnsOptions {
  /** Calls of each kind that run at once. */
  readonly together: Readonly<Record<Work, number>>;
  /** Of those, calls of one organisation at most. */
  readonly togetherEach: Readonly<Record<Work, number>>;
  /** Calls of one organisation that may wait: each holds what it was sent in memory. */
  readonly mostWaiting: Readonly<Record<Work, number>>;
  /** How long a call waits, milliseconds. */
  readonly waitMs: number;
}

export interface Asked {
  /** Whose turn it is to be: an organisation, or an address. */
  readonly tenant: string;
  readonly work: Work;
  /** From 1; an item of a batch, a reading or a write costs 1. */
  readonly cost: number;
  /** Calls of the tenant that run at once, of all kinds. */
  readonly most: number;
}

export interface Turns {
  /** Resolves with what ends the turn. Throws limit.rate_exceeded where too many wait, or it has waited too long. */
  readonly enter: (asked: Asked) => Promise<() => void>;
  readonly figures: () => Readonly<Record<"running" | "waiting" | "heavyRunning" | "heavyWaiting", number>>;
}

interface Waiting {
  readonly asked: Asked;
  readonly start: () => void;
}

interface Seat {
  readonly waiting: Waiting[];
  running: number;
  /** Where its clock stands. */
  clock: number;
}

interface Lane {
  readonly seats: Map<string, Seat>;
  running: number;
  waiting: number;
  /** Of the call that started last. */
  clock: number;
}

const busy = (retryAfterMs: number): CairnError =>
  new CairnError("limit.rate_exceeded", "Too many calls of your organisation are under way at once.", {
    retryAfterMs,
    hint: "Send fewer at a time, and come again when Retry-After says.",
  });

const makeLane = (): Lane => ({ seats: new Map(), running: 0, waiting: 0, clock: 0 });

/** Seats that nobody needs any more are looked for when there are so many. */
const manySeats = 1_000;

export const makeTurns = ({ together, togetherEach, mostWaiting, waitMs }: TurnsOptions): Turns => {
  const lanes: Readonly<Record<Work, Lane>> = { light: makeLane(), medium: makeLane(), heavy: makeLane() };
  const runningOf = new Map<string, number>();

  const isDone = ({ waiting, running, clock }: Seat, lane: Lane): boolean =>
    waiting.length === 0 && running === 0 && clock <= lane.clock;

  const tidy = (lane: Lane): void => {
    if (lane.running === 0 && lane.waiting === 0) {
      lane.seats.clear();
      lane.clock = 0;
    } else if (lane.seats.size > manySeats) {
      for (const [tenant, seat] of lane.seats) if (isDone(seat, lane)) lane.seats.delete(tenant);
    }
  };

  const seatOf = (lane: Lane, tenant: string): Seat => {
    const known = lane.seats.get(tenant);
    if (known !== undefined) return known;
    const made: Seat = { waiting: [], running: 0, clock: lane.clock };
    lane.seats.set(tenant, made);
    return made;
  };

  const mayStart = (seat: Seat, { tenant, work, most }: Asked): boolean =>
    seat.running < togetherEach[work] && (runningOf.get(tenant) ?? 0) < most;

  const begin = (lane: Lane, seat: Seat, { tenant, cost }: Asked): void => {
    lane.clock = Math.max(lane.clock, seat.clock);
    seat.clock = lane.clock + Math.max(1, cost);
    seat.running += 1;
    lane.running += 1;
    runningOf.set(tenant, (runningOf.get(tenant) ?? 0) + 1);
  };

  const nextOf = (lane: Lane): Seat | null => {
    let next: Seat | null = null;
    for (const seat of lane.seats.values()) {
      const first = seat.waiting[0];
      if (first === undefined || !mayStart(seat, first.asked)) continue;
      if (next === null || seat.clock < next.clock) next = seat;
    }
    return next;
  };

  const startWaiting = (work: Work): void => {
    const lane = lanes[work];
    while (lane.waiting > 0 && lane.running < together[work]) {
      const seat = nextOf(lane);
      const first = seat?.waiting.shift();
      if (seat === null || first === undefined) return;
      lane.waiting -= 1;
      begin(lane, seat, first.asked);
      first.start();
    }
  };

  const leave = ({ tenant, work }: Asked): void => {
    const lane = lanes[work];
    const seat = lane.seats.get(tenant);
    if (seat !== undefined) seat.running -= 1;
    lane.running -= 1;
    const running = (runningOf.get(tenant) ?? 1) - 1;
    if (running === 0) runningOf.delete(tenant);
    else runningOf.set(tenant, running);
    // Its organisation may have waited with calls of other kinds.
    for (const one of works) startWaiting(one);
    tidy(lane);
  };

  const once = (asked: Asked): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave(asked);
    };
  };

  return {
    enter: async (asked) => {
      const lane = lanes[asked.work];
      const seat = seatOf(lane, asked.tenant);
      // Nobody of this organisation waits, and others only for what is not this lane's.
      if (lane.running < together[asked.work] && seat.waiting.length === 0 && mayStart(seat, asked)) {
        begin(lane, seat, asked);
        return once(asked);
      }
      if (seat.waiting.length >= mostWaiting[asked.work]) throw busy(1_000);
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const waiting: Waiting = {
        asked,
        start: () => {
          clearTimeout(timer);
          resolve(once(asked));
        },
      };
      const timer = setTimeout(() => {
        seat.waiting.splice(seat.waiting.indexOf(waiting), 1);
        lane.waiting -= 1;
        tidy(lane);
        reject(busy(1_000));
      }, waitMs);
      seat.waiting.push(waiting);
      lane.waiting += 1;
      return promise;
    },
    figures: () => {
      const sum = (name: "running" | "waiting"): number => works.reduce((total, work) => total + lanes[work][name], 0);
      const { heavy } = lanes;
      return {
        running: sum("running"),
        waiting: sum("waiting"),
        heavyRunning: heavy.running,
        heavyWaiting: heavy.waiting,
      };
    },
  };
};
