import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLeases } from "./lease.ts";

const setUp = async () => {
  const root = await mkdtemp(join(tmpdir(), "cairn-lease-"));
  return {
    root,
    folder: join(root, "leases"),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
};

test("EMB-4 one of two has a lease at a time, for each name apart", async () => {
  await using setup = await setUp();
  const [one, other] = [openLeases(setup.folder), openLeases(setup.folder)];
  const held = await one("space-a");
  expect(held).not.toBeNull();
  expect(await other("space-a")).toBeNull();
  expect(await other("space-b")).not.toBeNull();
  await held?.renew();
  await held?.release();
  expect(await other("space-a")).not.toBeNull();
});

test("EMB-4 a lease of a process that died is anybody's after a while, unless it was renewed", async () => {
  await using setup = await setUp();
  const take = openLeases(setup.folder, 5_000);
  const held = await take("space");
  const [file = ""] = await readdir(setup.folder);
  const longAgo = new Date(Date.now() - 6_000);
  await utimes(join(setup.folder, file), longAgo, longAgo);
  await held?.renew();
  expect(await take("space")).toBeNull();
  await utimes(join(setup.folder, file), longAgo, longAgo);
  expect(await take("space")).not.toBeNull();
});

test("EMB-4 where no lease can be written, work is done without", async () => {
  await using setup = await setUp();
  await writeFile(join(setup.root, "file"), "");
  const held = await openLeases(join(setup.root, "file", "leases"))("space");
  await held?.renew();
  await held?.release();
  expect(held).not.toBeNull();
});
