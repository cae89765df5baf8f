import { expect, test } from "vitest";
import { makeRoom } from "./room.ts";

const one = { texts: 1, characters: 10 };

test("EMB-4 a tenant finds room again when its own texts have left, its callers in order", async () => {
  const room = makeRoom({ texts: 2, characters: 100 }, { texts: 100, characters: 1_000 });
  expect([room.enter("a", one), room.enter("a", one)]).toEqual([undefined, undefined]);
  const order: string[] = [];
  const waiting = ["first", "second"].map((name) => room.enter("a", one)?.then(() => order.push(name)));
  expect(room.figures()).toEqual({ texts: 2, characters: 20, outside: 2 });
  room.leave("a", one);
  await waiting[0];
  expect(order).toEqual(["first"]);
  room.leave("a", one);
  await waiting[1];
  expect(order).toEqual(["first", "second"]);
  expect(room.figures()).toEqual({ texts: 2, characters: 20, outside: 0 });
});

test("EMB-4 a full queue keeps no tenant outside of whom nothing waits", () => {
  const room = makeRoom({ texts: 9, characters: 9_000 }, { texts: 3, characters: 30 });
  for (let text = 0; text < 3; text += 1) expect(room.enter("import", one)).toBeUndefined();
  expect(room.enter("import", one)).toBeInstanceOf(Promise);
  expect(room.enter("person", { texts: 5, characters: 5_000 })).toBeUndefined();
  expect(room.enter("person", one)).toBeInstanceOf(Promise);
});

test("EMB-4 an amount that no bound allows is let in alone", async () => {
  const room = makeRoom({ texts: 2, characters: 10 }, { texts: 2, characters: 10 });
  const huge = { texts: 64, characters: 100_000 };
  expect(room.enter("a", huge)).toBeUndefined();
  const next = room.enter("a", huge);
  room.leave("a", huge);
  await next;
  expect(room.figures().texts).toBe(64);
});
