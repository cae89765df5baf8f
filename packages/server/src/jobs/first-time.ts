/** The earliest of these times and `last`. Math.min takes its numbers as arguments, of which there can be too many. */
export const firstTime = (times: Iterable<number>, last: number): number => {
  let first = last;
  for (const time of times) first = Math.min(first, time);
  return first;
};
