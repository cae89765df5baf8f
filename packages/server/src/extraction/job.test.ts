import { ingestSession } from "@cairn/operations/operations/sessions/ingest";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test, vi } from "vitest";
import { makeChatModel } from "./chat-client.ts";
import { refuses, saysFacts, startChatService } from "./chat-service.fixture.ts";
import { startExtractionJob } from "./job.ts";

const fact = (content: string) => ({
  content,
  category: "preference",
  entity: "Ada",
  importance: 0.7,
  confidence: 0.9,
  valid_from: null,
  valid_until: null,
  turns: [0],
});

const talk = (sessionId: string, content: string) => ({
  sessionId,
  messages: [{ role: "user", content, timestamp: "2026-03-14T11:00:00Z" }],
});

const setUp = async (options: { readonly settingPauseMs?: number } = {}) => {
  const service = await startChatService();
  const operations = setUpOperations();
  const warnings: string[] = [];
  const failures: unknown[] = [];
  const model = makeChatModel({ url: service.url, model: "small", apiKey: null });
  const job = startExtractionJob(operations.services, model, {
    after: 0,
    every: 20,
    quietMs: 0,
    warn: (line) => void warnings.push(line),
    failed: (error) => void failures.push(error),
    ...options,
  });
  const space = (await operations.services.directory.resolve("default"))!.id;
  return {
    ...operations,
    service,
    job,
    warnings,
    failures,
    reader: operations.services.engine.read(space),
    [Symbol.asyncDispose]: async () => {
      await job.stop();
      await service[Symbol.asyncDispose]();
    },
  };
};

describe("the extraction job", () => {
  test("MEM-10 stores what a model finds in an ingested conversation, each turn asked about once", async () => {
    await using setup = await setUp();
    setup.service.always(saysFacts(fact("Ada prefers green tea")));
    await setup.call(ingestSession, talk("s1", "Ada here: I prefer green tea"));
    await vi.waitFor(() => expect(setup.job.status().stored).toBe(1));
    const { items } = await setup.reader.list({ limit: 10 });
    expect(items).toMatchObject([
      {
        content: "Ada prefers green tea",
        trust: "agent",
        sourceType: "auto_capture",
        sessionId: "s1",
        createdBy: "cairn",
      },
    ]);
    const more = talk("s2", "Ada here again, still prefers green tea");
    await setup.call(ingestSession, more);
    setup.job.observe({ operation: "sessions.ingest", outcome: "ok", spaces: [items[0]!.space] });
    await vi.waitFor(() => expect(setup.job.status().duplicates).toBe(1));
    expect(setup.service.asked).toHaveLength(2);
    expect(setup.failures).toEqual([]);
  });

  test("MEM-10 warns once while the service does not accept the key, and writes go on meanwhile", async () => {
    await using setup = await setUp({ settingPauseMs: 10 });
    setup.service.always(refuses(401));
    await setup.call(ingestSession, talk("s1", "Ada prefers green tea"));
    await vi.waitFor(() => expect(setup.job.status().failures).toBeGreaterThan(2));
    expect(setup.warnings).toEqual([expect.stringContaining("does not accept the key (401). Check extraction_url")]);
    expect(setup.warnings.join()).not.toContain("green");
    setup.service.always(saysFacts(fact("Ada prefers green tea")));
    await vi.waitFor(() => expect(setup.job.status().stored).toBe(1));
  });

  test("MEM-10 ends while a question is under way", async () => {
    await using setup = await setUp();
    const arrived = Promise.withResolvers<void>();
    setup.service.always(() => arrived.resolve());
    await setup.call(ingestSession, talk("s1", "Ada prefers green tea"));
    await arrived.promise;
    await setup.job.stop();
    expect(setup.job.status()).toMatchObject({ stored: 0, working: null });
  });
});
