/** Numbers without gaps for lexicon numbers, from 1; 0 stays 0. */
export interface Slots {
  readonly of: (name: number) => number;
  readonly known: (name: number) => boolean;
  /** One more than the largest slot. */
  readonly count: () => number;
}

export const makeSlots = (): Slots => {
  const slots = new Map<number, number>([[0, 0]]);
  return {
    of: (name) => {
      const known = slots.get(name);
      if (known !== undefined) return known;
      slots.set(name, slots.size);
      return slots.size - 1;
    },
    known: (name) => slots.has(name),
    count: () => slots.size,
  };
};
