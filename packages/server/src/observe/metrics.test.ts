import { readFile } from "node:fs/promises";
import { allOperations } from "@cairn/operations/all";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { makeMetrics } from "./metrics.ts";

const lines = async ({ text }: ReturnType<typeof makeMetrics>): Promise<readonly string[]> =>
  (await text()).split("\n").filter((line) => line.startsWith("cairn_") && !line.includes("_bucket"));

describe("collectors", () => {
  test("OPS-4 what one promises is waited for, what it nests is named by the way to it", async () => {
    const metrics = makeMetrics({ version: "1" });
    metrics.registerCollector("cairn_db_pool", "Connections.", async () => ({ open: 3, waiting: { calls: 2 } }));
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining(["cairn_db_pool_open 3", "cairn_db_pool_waiting_calls 2"]),
    );
  });

  test("OPS-4 one that fails or hangs is counted, and keeps nothing of the others from being told", async () => {
    const metrics = makeMetrics({ version: "1", patienceMs: 5 });
    metrics.registerCollector("cairn_hangs", "For a test.", () => new Promise(() => undefined));
    metrics.registerCollector("cairn_throws", "For a test.", () => {
      throw new Error("secret");
    });
    metrics.registerCollector("cairn_works", "For a test.", () => ({ fine: true }));
    const found = await lines(metrics);
    expect(found).toEqual(
      expect.arrayContaining([
        "cairn_works_fine 1",
        'cairn_collector_failures_total{collector="cairn_hangs"} 1',
        'cairn_collector_failures_total{collector="cairn_throws"} 1',
        'cairn_collector_failures_total{collector="cairn_works"} 0',
      ]),
    );
  });

  test("what is not known any more is not told as it was", async () => {
    const metrics = makeMetrics({ version: "1" });
    let queue: { waiting: number } | null = { waiting: 4 };
    metrics.registerCollector("cairn_embedding", "For a test.", () => ({ queue }));
    expect(await lines(metrics)).toContain("cairn_embedding_queue_waiting 4");
    queue = null;
    expect((await lines(metrics)).join()).not.toContain("queue_waiting");
    queue = { waiting: 5 };
    expect(await lines(metrics)).toContain("cairn_embedding_queue_waiting 5");
  });

  test("OPS-4 names that are data make no metrics, however many there are", async () => {
    const metrics = makeMetrics({ version: "1" });
    const byTenant = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`t${index}`, index]));
    metrics.registerCollector("cairn_wrong", "For a test.", () => ({ "anna's space": 1, "x-y": 2, ...byTenant }));
    const found = (await lines(metrics)).filter((line) => line.startsWith("cairn_wrong"));
    expect(found).toHaveLength(200);
    expect(found.join()).not.toMatch(/anna|x-y/u);
  });

  test("a name is given once", () => {
    const metrics = makeMetrics({ version: "1" });
    metrics.registerCollector("cairn_a", "For a test.", () => ({}));
    expect(() => metrics.registerCollector("cairn_a", "For a test.", () => ({}))).toThrow(/registered already/u);
  });
});

test("OPS-4 operations are counted by name, outcome and code; spaces, principals and ids are not labels", async () => {
  const metrics = makeMetrics({ version: "1" });
  const { caller } = setUpOperations();
  const names = allOperations.map(({ name }) => name);
  for (let call = 0; call < 2_000; call += 1) {
    metrics.operation({
      id: `call-${call}`,
      at: 0,
      subjects: [],
      operation: names[call % names.length] ?? "",
      audit: "read",
      caller: {
        ...caller,
        identity: { ...caller.identity, principal: `principal-${call}` },
        requestId: `request-${call}`,
      },
      spaces: [`space-${call}`],
      outcome: call % 2 === 0 ? "ok" : "failed",
      code: call % 2 === 0 ? null : "storage.busy",
      milliseconds: 3,
      usage: {},
    });
  }
  const found = await lines(metrics);
  const counts = found.filter((line) => line.startsWith("cairn_operations_total{"));
  expect(counts.length).toBeLessThanOrEqual(2 * names.length);
  expect(counts.join("\n")).toMatch(/operation="memories\.remember",outcome="\w+",code="(?:none|storage\.busy)"/u);
  expect(found.join("\n")).not.toMatch(/principal-|space-\d|request-\d/u);
});

test("OPS-4 the operations guide lists the metrics that there are, and no others", async () => {
  const guide = await readFile(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
  const listed = Array.from(guide.matchAll(/^\| `(cairn_\w+|process_\w+|nodejs_\w+)/gmu), (match) => match[1]);
  const metrics = makeMetrics({ version: "1" });
  const own = Array.from((await metrics.text()).matchAll(/^# TYPE (cairn_\w+)/gmu), (match) => match[1]);
  expect(listed).toEqual(expect.arrayContaining(own));
  const ofCollectors =
    /^cairn_(?:embedding|vector_pool|process|http_requests|log|trace_spans|jobs|database|ledger|limits)_/u;
  for (const name of listed.filter((name) => name?.startsWith("cairn_")))
    expect([...own, name?.match(ofCollectors)?.input]).toContain(name);
  const source = await readFile(new URL("observer.ts", import.meta.url), "utf8");
  const serve = await readFile(new URL("../serve.ts", import.meta.url), "utf8");
  const collectors = Array.from(`${source}${serve}`.matchAll(/registerCollector\(\s*"(\w+)"/gu), (match) => match[1]);
  for (const name of collectors) expect(listed.some((given) => given?.startsWith(name ?? "?"))).toBe(true);
});
