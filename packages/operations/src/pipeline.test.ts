import { CairnError } from "@cairn/kernel/error";
import { type Identity, localIdentity } from "@cairn/memory/permission/identity";
import { setTimeout as sleep } from "node:timers/promises";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { getMemory } from "./operations/memories/get.ts";
import { remember } from "./operations/memories/remember.ts";
import { readStats } from "./operations/stats/read.ts";
import { makePipeline } from "./pipeline.ts";

const setUpOutsider = () => {
  const identity: Identity = {
    ...localIdentity("loopback"),
    principal: "user:1",
    credential: "session",
    administrator: false,
  };
  return { ...setUpOperations({ identity }), identity };
};

describe("the pipeline", () => {
  test("API-10 records what happened and never what was said", async () => {
    const { call, records } = setUpOperations();
    await call(remember, { content: "confidential" });
    await call(getMemory, { id: "unknown-id" }).catch(() => undefined);
    expect(records).toMatchObject([
      {
        operation: "memories.remember",
        audit: "write",
        outcome: "ok",
        code: null,
        usage: { memories: 1, embeddings: 1 },
      },
      { operation: "memories.get", audit: "read", outcome: "failed", code: "memory.not_found", usage: {} },
    ]);
    expect(records[0]?.spaces).toHaveLength(1);
    expect(JSON.stringify(records)).not.toContain("confidential");
  });

  test("gives nothing where it cannot be found out whether the caller may", async () => {
    const { services, identity } = setUpOutsider();
    const grantsOf = () => Promise.reject(new Error("cannot decide"));
    const tenants = { ...services.tenants, organisations: { ...services.tenants.organisations, grantsOf } };
    const { call, records } = setUpOperations({ tenants, identity });
    await expect(call(remember, { content: "x" })).rejects.toThrow("cannot decide");
    expect(records[0]).toMatchObject({ outcome: "failed", spaces: [] });
  });

  test("TEN-4 counts calls that a key is not for as it counts others", async () => {
    const { identity } = setUpOutsider();
    const [counted, ended]: [string[], unknown[]] = [[], []];
    const { call, records } = setUpOperations({
      identity: { ...identity, credential: "key", scopes: ["memories:read"] },
      limits: {
        admit: async (_caller, { name }) => {
          counted.push(name);
          if (counted.length > 2) throw new CairnError("limit.rate_exceeded", "Too often.");
          return { expect: async () => undefined, end: async (usage) => void ended.push(usage) };
        },
      },
    });
    const codes: unknown[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1)
      await call(remember, { content: "x" }).catch((error: unknown) => codes.push((error as CairnError).code));
    expect(codes).toEqual(["auth.scope_missing", "auth.scope_missing", "limit.rate_exceeded"]);
    expect(ended).toEqual([null, null]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["denied", "denied", "denied"]);
  });

  test("TEN-2 a call that waited long is not made with rights that were taken away meanwhile", async () => {
    const { services, identity } = setUpOutsider();
    const slow = { expect: async () => undefined, end: async () => undefined };
    const limits = { admit: async () => sleep(300).then(() => slow) };
    let now: Identity = identity;
    const pipeline = makePipeline(services, { limits });
    const asked = { requestId: "1", edge: "rest", defaultSpace: "default", address: null, instance: "here" } as const;
    const send = () => pipeline.call(readStats, { ...asked, identity, identifyAgain: async () => now }, {});
    expect(await send()).toMatchObject({ totalMemories: 0 });
    now = { ...identity, role: "viewer" };
    await expect(send()).rejects.toMatchObject({ code: "auth.forbidden" });
  });

  test("names problems as clients write the fields, twenty at most", async () => {
    const { call } = setUpOperations();
    const tags = Array.from({ length: 30 }, () => "");
    await expect(call(remember, { content: "x", tags, sessionSeq: "no" })).rejects.toMatchObject({
      data: { problems: expect.arrayContaining([expect.objectContaining({ path: "tags.0" })]) as unknown },
    });
    const failure = (await call(remember, { content: "x", tags }).catch((error: unknown) => error)) as CairnError;
    expect(failure.data.problems).toHaveLength(20);
  });
});
