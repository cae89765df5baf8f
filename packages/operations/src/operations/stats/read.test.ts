import { anonymousIdentity } from "@cairn/memory/permission/identity";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { listChanges } from "../changes/list.ts";
import { readHealth } from "../health/read.ts";
import { forget } from "../memories/forget.ts";
import { remember } from "../memories/remember.ts";
import { updateMemory } from "../memories/update.ts";
import { readStats } from "./read.ts";

test("API-1 stats count memories by source, tag, agent and category", async () => {
  const { call } = setUpOperations();
  await call(remember, { content: "a", tags: ["x", "y"], category: "fact" });
  await call(remember, { content: "b", tags: ["x"], sourceType: "user_explicit" });
  expect(await call(readStats, {})).toMatchObject({
    totalMemories: 2,
    bySourceType: { auto_capture: 1, user_explicit: 1 },
    byTag: { x: 2, y: 1 },
    byInstance: { "test-instance": 2 },
    byCategory: { fact: 1 },
    corrections: 0,
    instanceId: "test-instance",
  });
});

test("API-1 health is ok with the number of memories, and degraded when the engine fails", async () => {
  const { call, services } = setUpOperations();
  await call(remember, { content: "a" });
  expect(await call(readHealth, {})).toEqual({
    status: "ok",
    instanceId: "test-instance",
    memoryCount: 1,
    version: "0.0.0-test",
  });
  const broken = setUpOperations({
    engine: {
      ...services.engine,
      read: () => {
        throw new Error("on fire");
      },
    },
  });
  expect(await broken.call(readHealth, {})).toMatchObject({ status: "degraded", memoryCount: 0 });
});

test("TEN-1 health is ok, and tells no number, for callers who showed no credential", async () => {
  const { call } = setUpOperations({ identity: anonymousIdentity });
  expect(await call(readHealth, {})).toMatchObject({ status: "ok", memoryCount: 0 });
});

test("MEM-3 changes are followed from where one stopped", async () => {
  const { call } = setUpOperations();
  const { memoryId } = await call(remember, { content: "a" });
  await call(updateMemory, { id: memoryId, importance: 1, occurredAt: "2026-01-01T00:00:00Z" });
  const first = await call(listChanges, { limit: 1 });
  expect(first).toMatchObject({
    changes: [{ seq: 1, kind: "create", subject: memoryId, principal: "local", agent: "test-instance" }],
    cursor: "1",
    hasMore: true,
  });
  const rest = await call(listChanges, { cursor: first.cursor });
  expect(rest).toMatchObject({ changes: [{ seq: 2, kind: "update", version: 2 }], cursor: "2", hasMore: false });
  expect(rest.changes[0]?.fields).toContain("occurred_at");
  expect(await call(listChanges, { cursor: rest.cursor })).toEqual({ changes: [], cursor: "2", hasMore: false });
  await call(forget, { id: memoryId });
  expect((await call(listChanges, { cursor: rest.cursor })).changes).toMatchObject([{ seq: 3, kind: "delete" }]);
  await expect(call(listChanges, { cursor: "-1" })).rejects.toMatchObject({ code: "request.invalid" });
});
