import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { sweepBounds } from "./sweep.ts";

const day = 86_400_000;

test("MEM-7 MEM-9 sessions and what was deleted go by their retentions, from now", () => {
  const { services } = setUpOperations();
  const now = services.clock();
  expect(sweepBounds(services)).toEqual({ now, sessionsBefore: now - 30 * day, purgeBefore: now - 30 * day });
});

test("MEM-7 a retention without end never reaches anything", () => {
  const { services } = setUpOperations();
  const settings = { ...services.settings, sessionRetentionMs: Number.POSITIVE_INFINITY };
  expect(sweepBounds({ ...services, settings }).sessionsBefore).toBe(Date.parse("0001-01-01T00:00:00Z"));
});
