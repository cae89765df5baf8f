/**
 * Which thread serves a space: the one that serves the fewest of those in use, from a space's first call on. Two
 * tenants on a small server are then on two threads, which the digits of their ids would give them only half the time.
 */

/** The thread of a space, as a number below `threads`. */
export type Seating = (space: string) => number;

/** At least twice as many spaces as are kept open are remembered: one that is forgotten is closed, and may move. */
export const makeSeating = (threads: number, openSpaces: number): Seating => {
  const most = 2 * openSpaces * threads;
  const seats = new Map<string, number>();
  const served = Array.from({ length: threads }, () => 0);
  return (space) => {
    let seat = seats.get(space);
    if (seat === undefined) {
      seat = served.indexOf(Math.min(...served));
      served[seat]!++;
    } else seats.delete(space);
    // The last in the map was used last.
    seats.set(space, seat);
    for (const [oldest, left] of seats) {
      if (seats.size <= most) break;
      seats.delete(oldest);
      served[left]!--;
    }
    return seat;
  };
};
