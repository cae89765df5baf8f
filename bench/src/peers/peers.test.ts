import { describe, expect, test } from "vitest";
import { openEmbedder } from "../embedders.ts";
import { startEmbeddingServer } from "./embedding-server.ts";
import { runProgram } from "./install.ts";
import { peers } from "./list.ts";
import type { PeerFigures } from "./measure.ts";
import { peerTables, showPeers } from "./table.ts";
import { workOf } from "./work.ts";

const [fts5, lancedb] = peers;
if (fts5 === undefined || lancedb === undefined) throw new Error("There are no peers.");

const figures: PeerFigures = {
  peer: fts5,
  versions: {},
  recall: 65.1,
  any: 70.5,
  all: 60,
  empty: 0,
  write: { p50: 0.3, p95: 0.8, p99: 1 },
  recallTime: { p50: 0.5, p95: 1.4, p99: 2 },
  batchPerSecond: 65_000,
  embedding: { p50: 1, p95: 2, p99: 3 },
  residentMb: 35,
  diskMb: 6.2,
};

describe("the comparison with other memories", () => {
  test("REC-8 a peer that could not be measured is shown with the reason, not left out", () => {
    const tables = peerTables([figures, { peer: lancedb, failed: "not installed: no network" }], "some work");
    for (const { rows } of tables) {
      expect(rows).toHaveLength(2);
      expect(Object.keys(rows[1] ?? {})).toEqual(Object.keys(rows[0] ?? {}));
      expect(Object.values(rows[1] ?? {})).toContain("**not measured**: not installed: no network");
    }
    expect(showPeers([{ peer: lancedb, failed: "no" }]).join("\n")).toContain("**not measured**: no");
  });

  test("REC-8 speed is told as a ratio to FTS5 of the same run", () => {
    const slower = {
      ...figures,
      peer: lancedb,
      versions: { lancedb: "0.40.0" },
      recallTime: { p50: 5, p95: 9, p99: 9 },
    };
    const [quality, speed] = peerTables([figures, slower], "some work");
    expect(quality?.rows.map((row) => row["version"])).toEqual(["", "lancedb 0.40.0"]);
    expect(speed?.rows.map((row) => row["× FTS5"])).toEqual(["1.0", "10"]);
    const [, alone] = peerTables([slower], "some work");
    expect(alone?.rows[0]?.["× FTS5"]).toBeNull();
  });

  test("REC-8 fewer questions are taken evenly, so that their kinds stay in proportion", () => {
    const question = (at: number) => ({ id: `q${at}`, query: "?", gold: ["m"], group: "all", split: null });
    const space = {
      name: "one",
      memories: [
        { id: "m", content: "Hello.", author: "Ana", occurred_at: "2023-05-08T13:56:00.000Z", session_id: "s" },
      ],
      questions: Array.from({ length: 10 }, (_, at) => question(at)),
    };
    const work = workOf({ spaces: [space, { ...space, name: "two" }], notes: [] }, 1, 5);
    expect(work).toHaveLength(1);
    expect(work[0]?.questions.map(({ id }) => id)).toEqual(["q0", "q2", "q4", "q6", "q8"]);
    expect(work[0]?.documents[0]).toMatchObject({ text: "[8 May 2023] Ana: Hello.", fields: { content: "Hello." } });
  });

  test("REC-8 a program that fails, hangs or is not there ends as an outcome that says why", async () => {
    const run = (script: string, within: number) => runProgram(process.execPath, ["-e", script], { within });
    const fails = 'console.error("first");console.error("no such package");process.exit(3)';
    expect(await run(fails, 60_000)).toEqual({ ok: false, lastLine: "no such package" });
    expect(await run("console.log('done')", 60_000)).toEqual({ ok: true, lastLine: "done" });
    expect(await run("setInterval(() => {}, 1000)", 200)).toEqual({ ok: false, lastLine: "stopped after 0 minutes" });
    expect((await runProgram("no-such-program-at-all", [], { within: 60_000 })).ok).toBe(false);
  });

  test("EMB-1 every peer gets Cairn's own vectors through OpenAI's API", async () => {
    const embedder = await openEmbedder("builtin");
    const service = await startEmbeddingServer(embedder);
    try {
      const post = (body: unknown): Promise<Response> =>
        fetch(`${service.url}/embeddings`, { method: "POST", body: JSON.stringify(body) });
      const answer = await post({ input: ["The boiler drips.", "", "Cello on Thursday."], model: "shared" });
      const { data } = (await answer.json()) as { data: { index: number; embedding: number[] }[] };
      expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
      const [[own] = []] = await embedder.embedPassages([
        { content: "The boiler drips.", author: null, occurredAt: null },
      ]);
      for (const [axis, value] of (own ?? []).entries()) expect(data[0]?.embedding[axis]).toBeCloseTo(value, 6);
      expect(data[1]?.embedding.every((value) => value === 0)).toBe(true);
      expect((await post({ input: [1] })).status).toBe(400);
    } finally {
      await service.close();
      await embedder.close();
    }
  });
});
