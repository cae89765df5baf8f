import type { Clock } from "./clock.ts";

/**
 * A hybrid logical clock (Kulkarni et al. 2014, "Logical Physical Clocks"), written so that it sorts as text: 12
 * hexadecimal digits of milliseconds, a dash, 4 of a logical count. It orders what happened after what on one
 * replica even when the wall clock stands still or jumps back.
 */
export type HybridTime = string;

export interface HybridClock {
  /** A time later than every time this clock has given or seen. */
  readonly tick: () => HybridTime;
  /** Takes note of a time from elsewhere, so that the next tick comes after it. */
  readonly see: (time: HybridTime) => void;
}

const format = (millis: number, count: number): HybridTime =>
  `${millis.toString(16).padStart(12, "0")}-${count.toString(16).padStart(4, "0")}`;

const parse = (time: HybridTime): readonly [millis: number, count: number] => [
  Number.parseInt(time.slice(0, 12), 16),
  Number.parseInt(time.slice(13), 16),
];

export const makeHybridClock = (now: Clock, seen: HybridTime = format(0, 0)): HybridClock => {
  let [millis, count] = parse(seen);
  const advance = (): void => {
    const wall = now();
    if (wall > millis) {
      millis = wall;
      count = 0;
    } else if (++count > 0xffff) {
      millis += 1;
      count = 0;
    }
  };
  return {
    tick: () => {
      advance();
      return format(millis, count);
    },
    see: (time) => {
      const [otherMillis, otherCount] = parse(time);
      if (otherMillis > millis || (otherMillis === millis && otherCount > count)) {
        millis = otherMillis;
        count = otherCount;
      }
    },
  };
};
