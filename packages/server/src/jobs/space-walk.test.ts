import { makeFakeSpaceDirectory } from "@cairn/testing/fake-space-directory";
import { expect, test } from "vitest";
import type { TakeLease } from "./lease.ts";
import { walkSpaces } from "./space-walk.ts";

/** Leases of one database: they end with whoever held them. */
const makeLeases = () => {
  const held = new Map<string, string>();
  const takeAs =
    (server: string): TakeLease =>
    async (name) => {
      if ((held.get(name) ?? server) !== server) return null;
      held.set(name, server);
      return { renew: async () => undefined, release: async () => void held.delete(name) };
    };
  const die = (server: string): void => {
    for (const [name, holder] of held) if (holder === server) held.delete(name);
  };
  return { takeAs, die };
};

const setUp = async (spaces: number) => {
  const directory = makeFakeSpaceDirectory();
  for (let at = 1; at < spaces; at++) await directory.create({ name: `space ${at}`, description: null });
  const all = (await directory.list()).map(({ id }) => id).toSorted();
  let now = 0;
  let asked = 0;
  const counted = {
    page: (request: Parameters<typeof directory.page>[0]) => {
      asked += 1;
      return directory.page(request);
    },
  };
  const open = (lead: (() => ReturnType<TakeLease>) | null = null) =>
    walkSpaces({
      directory: counted,
      after: 1_000,
      every: 300_000,
      portion: 10,
      portionEveryMs: 1_000,
      lead,
      now: () => now,
    });
  /** What a walk gives until that time, with when. */
  const walkUntil = async (walk: ReturnType<typeof open>, until: number) => {
    const seen: { readonly at: number; readonly ids: readonly string[] }[] = [];
    while (walk.nextAt() <= until) {
      now = walk.nextAt();
      seen.push({ at: now, ids: await walk.next() });
    }
    return seen;
  };
  return { directory, all, open, walkUntil, asked: () => asked };
};

test("EMB-4 all spaces are looked at in portions with a pause between, and a round later again", async () => {
  const { open, walkUntil, all, asked } = await setUp(25);
  const walk = open();
  const seen = await walkUntil(walk, 300_000);
  expect(seen.map(({ at, ids }) => [at, ids.length])).toEqual([
    [1_000, 10],
    [2_000, 10],
    [3_000, 5],
  ]);
  expect(seen.flatMap(({ ids }) => ids)).toEqual(all);
  expect(asked()).toBe(3);
  const again = await walkUntil(walk, 310_000);
  expect(again[0]?.at).toBe(303_000);
  expect(again.flatMap(({ ids }) => ids)).toEqual(all);
});

test("EMB-4 a space that is made meanwhile is seen, one that is removed hides no other", async () => {
  const { open, walkUntil, directory, all } = await setUp(20);
  const walk = open();
  const first = await walkUntil(walk, 1_000);
  await directory.remove(first[0]!.ids.at(-1)!);
  const { id } = await directory.create({ name: "late", description: null });
  const rest = await walkUntil(walk, 100_000);
  expect(rest.flatMap(({ ids }) => ids)).toEqual([...all.slice(10), id]);
});

test("EMB-4 of servers that share leases one walks; when it ends or dies another does", async () => {
  const { open, walkUntil, all, asked } = await setUp(5);
  const { takeAs, die } = makeLeases();
  const leadOf = (server: string) => () => takeAs(server)("walk");
  const [one, other, third] = [open(leadOf("one")), open(leadOf("other")), open(leadOf("third"))];
  expect((await walkUntil(one, 1_000)).flatMap(({ ids }) => ids)).toEqual(all);
  expect((await walkUntil(other, 1_000)).flatMap(({ ids }) => ids)).toEqual([]);
  expect(asked()).toBe(1);
  await one.stop();
  expect((await walkUntil(other, 301_000)).flatMap(({ ids }) => ids)).toEqual(all);
  expect((await walkUntil(third, 301_000)).flatMap(({ ids }) => ids)).toEqual([]);
  die("other");
  expect((await walkUntil(third, 601_000)).flatMap(({ ids }) => ids)).toEqual(all);
});

test("EMB-4 a question that failed is asked again later, and the round goes on where it was", async () => {
  const { directory, all } = await setUp(4);
  let fails = false;
  let now = 0;
  const page: typeof directory.page = (request) =>
    fails ? Promise.reject(new Error("away")) : directory.page(request);
  const walk = walkSpaces({ directory: { page }, after: 0, every: 100, portion: 2, lead: null, now: () => now });
  expect(await walk.next()).toEqual(all.slice(0, 2));
  fails = true;
  now = walk.nextAt();
  await expect(walk.next()).rejects.toThrow("away");
  expect(walk.nextAt()).toBe(now + 100);
  fails = false;
  expect(await walk.next()).toEqual(all.slice(2));
});
