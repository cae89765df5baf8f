/**
 * Back-pressure: how much may wait in the queue. A tenant has room for a certain amount, all together for another;
 * whoever finds no room waits at the door, where nothing is held but the caller's own texts. A tenant of whose nothing
 * waits is always let in, so that an import which fills the queue never keeps another tenant outside.
 */
import type { Bounds } from "./fair-lines.ts";

export interface Room {
  /** Undefined when there is room at once; otherwise resolves when there is. Each tenant's callers come in in order. */
  readonly enter: (tenant: string, amount: Bounds) => Promise<void> | undefined;
  readonly leave: (tenant: string, amount: Bounds) => void;
  /** What is inside, and how many callers stand at the door. */
  readonly figures: () => Bounds & { readonly outside: number };
}

interface Guest {
  readonly amount: Bounds;
  readonly admit: () => void;
}

const nothing: Bounds = { texts: 0, characters: 0 };
const sum = (one: Bounds, other: Bounds, sign: 1 | -1 = 1): Bounds => ({
  texts: one.texts + sign * other.texts,
  characters: one.characters + sign * other.characters,
});
const within = (amount: Bounds, bounds: Bounds): boolean =>
  amount.texts <= bounds.texts && amount.characters <= bounds.characters;

export const makeRoom = (ofTenant: Bounds, ofAll: Bounds): Room => {
  const inside = new Map<string, Bounds>();
  const outside = new Map<string, Guest[]>();
  let all = nothing;
  let waiting = 0;

  const hasRoom = (tenant: string, amount: Bounds): boolean => {
    const own = inside.get(tenant);
    return own === undefined || (within(sum(own, amount), ofTenant) && within(sum(all, amount), ofAll));
  };

  const count = (tenant: string, amount: Bounds): void => {
    inside.set(tenant, sum(inside.get(tenant) ?? nothing, amount));
    all = sum(all, amount);
  };

  /** Lets in whoever fits now, a guest of each tenant after the other. */
  const admit = (): void => {
    for (let admitted = true; admitted;) {
      admitted = false;
      for (const [tenant, guests] of outside) {
        const guest = guests[0];
        if (guest === undefined || !hasRoom(tenant, guest.amount)) continue;
        guests.shift();
        if (guests.length === 0) outside.delete(tenant);
        waiting -= 1;
        count(tenant, guest.amount);
        admitted = true;
        guest.admit();
      }
    }
  };

  return {
    enter: (tenant, amount) => {
      const guests = outside.get(tenant);
      if (guests === undefined && hasRoom(tenant, amount)) {
        count(tenant, amount);
        return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const guest = { amount, admit: resolve };
      if (guests === undefined) outside.set(tenant, [guest]);
      else guests.push(guest);
      waiting += 1;
      return promise;
    },
    leave: (tenant, amount) => {
      const left = sum(inside.get(tenant) ?? amount, amount, -1);
      if (left.texts > 0) inside.set(tenant, left);
      else inside.delete(tenant);
      all = sum(all, amount, -1);
      if (waiting > 0) admit();
    },
    figures: () => ({ ...all, outside: waiting }),
  };
};
