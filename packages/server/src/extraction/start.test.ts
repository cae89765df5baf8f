/** Extraction on the real engine and a data folder: found once, also when the server ends in between. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listMemories } from "@cairn/operations/operations/memories/list";
import { recall } from "@cairn/operations/operations/recall/recall";
import { captureTurns } from "@cairn/operations/operations/capture/turns";
import { localIdentity } from "@cairn/memory/permission/identity";
import { makePipeline } from "@cairn/operations/pipeline";
import { describe, expect, test, vi } from "vitest";
import { openServices } from "../services.ts";
import { readSettings } from "../settings.ts";
import { saysFacts, startChatService } from "./chat-service.fixture.ts";
import { startExtraction } from "./start.ts";

const caller = {
  identity: localIdentity("loopback"),
  address: null,
  instance: "here",
  requestId: "1",
  edge: "rest",
  defaultSpace: "default",
} as const;

const makeFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), "cairn-extract-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
};

const openServer = async (data: string, url: string | null) => {
  const env = {
    CAIRN_DATA: data,
    ...(url === null ? {} : { CAIRN_EXTRACTION_URL: url, CAIRN_EXTRACTION_MODEL: "small" }),
  };
  const settings = await readSettings({}, { platform: "linux", home: data, hostname: "here", env });
  const services = await openServices(settings, 0);
  const job = startExtraction(services, settings, { after: 0, every: 25, quietMs: 0 });
  const pipeline = makePipeline(services, { observe: (record) => job?.observe(record) });
  return {
    job,
    pipeline,
    [Symbol.asyncDispose]: async () => {
      await job?.stop();
      await services.close();
    },
  };
};

describe("extraction as the settings want it", () => {
  test("MEM-10 does nothing without a model in the settings", async () => {
    await using folder = await makeFolder();
    await using server = await openServer(folder.path, null);
    expect(server.job).toBeNull();
  });

  test("MEM-10 finds memories in a captured transcript once, across restarts", async () => {
    await using folder = await makeFolder();
    const data = folder.path;
    await using service = await startChatService();
    const content = "Ada moved the archive to the old mill in Porto";
    service.always(
      saysFacts({ content, category: "fact", entity: "archive", importance: 0.8, confidence: 0.9, turns: [0] }),
    );
    const turns = [{ role: "user", content: `By the way: ${content}, says Jo`, at: "2026-03-01T09:00:00Z" }];
    const talk = { sessionId: "s1", turns, transcript: true };
    {
      await using server = await openServer(data, service.url);
      await server.pipeline.call(captureTurns, caller, talk);
      await vi.waitFor(() => expect(server.job?.status().stored).toBe(1), { timeout: 5_000 });
      const found = await server.pipeline.call(recall, caller, { query: "where is the archive?" });
      expect(found.results.map((hit) => (hit.type === "memory" ? hit.memory.content : ""))).toContain(content);
    }
    const asked = service.asked.length;
    {
      await using server = await openServer(data, service.url);
      await server.pipeline.call(captureTurns, caller, talk);
      await server.pipeline.call(captureTurns, caller, {
        sessionId: "s2",
        turns: [{ role: "user", content: "Thanks, that is all!" }],
        transcript: true,
      });
      const all = await server.pipeline.call(listMemories, caller, {});
      expect(all.memories.filter((memory) => memory.content === content)).toMatchObject([
        {
          entity: "archive",
          sessionId: "s1",
          trust: "agent",
          occurredAt: "2026-03-01T09:00:00.000Z",
          createdBy: "cairn",
        },
      ]);
    }
    expect(service.asked).toHaveLength(asked);
  });
});
