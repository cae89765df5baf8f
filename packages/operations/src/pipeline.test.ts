import { CairnError } from "@cairn/kernel/error";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { getMemory } from "./operations/memories/get.ts";
import { remember } from "./operations/memories/remember.ts";

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

  test("takes an error while deciding for a denial", async () => {
    const authority = { allows: () => Promise.reject(new Error("cannot decide")) };
    const { call, records } = setUpOperations({ authority });
    await expect(call(remember, { content: "x" })).rejects.toBeInstanceOf(CairnError);
    await expect(call(remember, { content: "x" })).rejects.toMatchObject({ code: "space.not_found" });
    expect(records[0]).toMatchObject({ outcome: "denied" });
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
