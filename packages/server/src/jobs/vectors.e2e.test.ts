/** The job with a real engine and the built-in embedder, wired as `cairn serve` and `cairn mcp` wire it. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultSpaceId } from "@cairn/directory/space-directory";
import type { VectorState } from "@cairn/memory/space/engine";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import { alice, engineEmbedder, itemOf } from "@cairn/testing/engine/world";
import { expect, test } from "vitest";
import { openServices } from "../services.ts";
import { readSettings } from "../settings.ts";

const setUp = async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-vectors-"));
  const machine = { env: {}, home: data, hostname: "test", platform: "linux" as const };
  const open = async () => {
    const services = await openServices(await readSettings({ data, instance: "test" }, machine), 1);
    const reader = services.engine.read(defaultSpaceId);
    /** Asks until it is so; the test's own time limit ends what never comes. */
    const until = async (reached: (state: VectorState) => boolean): Promise<VectorState> => {
      for (;;) {
        const state = await reader.vectorState();
        if (reached(state)) return state;
      }
    };
    return { ...services, until, [Symbol.asyncDispose]: services.close };
  };
  return { data, open, [Symbol.asyncDispose]: () => rm(data, { recursive: true, force: true, maxRetries: 3 }) };
};

test("EMB-4 what was stored without vectors gets them as soon as it is due, and no lease stays behind", async () => {
  await using setup = await setUp();
  {
    await using services = await setup.open();
    services.startVectors({});
    const items = [
      await itemOf("The harbour opens at seven", { vectors: [], vectorModel: services.embedder.model.id }),
    ];
    await services.engine.write(defaultSpaceId, alice).remember(items, true);
    services.vectorsDue(defaultSpaceId);
    expect(await services.until(({ missing }) => missing === 0)).toMatchObject({ documents: 1, next: null });
  }
  expect(await readdir(join(setup.data, "leases"))).toEqual([]);
});

test("EMB-6 a space of an earlier model changes over to the configured one while it is used", async () => {
  await using setup = await setUp();
  const earlier = openSqliteEngine({ folder: setup.data, model: engineEmbedder.model, threads: 0 });
  const items = Array.from({ length: 150 }, (_, at) => itemOf(`Number ${at} of the boats in the harbour`));
  await earlier.write(defaultSpaceId, alice).remember(await Promise.all(items), true);
  await earlier.close();
  await using services = await setup.open();
  const { model } = services.embedder;
  services.startVectors({});
  services.vectorsDue(defaultSpaceId);
  const state = await services.until((now) => now.model?.id === model.id);
  expect(state).toEqual({ model, documents: 150, missing: 0, next: null });
  const asked = { limit: 5, minRelevance: 0, include: "memories" as const, now: Date.now(), explain: true };
  const vector = await services.embedder.embedQuery("ships in port");
  const answer = await services.engine.read(defaultSpaceId).recall({ query: "ships in port", vector, ...asked });
  expect(answer.model).toEqual(model);
  expect(answer.hits[0]?.explain?.dense.raw).toBeGreaterThan(0);
  expect(await services.engine.check(defaultSpaceId)).toEqual([]);
});
