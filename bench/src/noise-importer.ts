/** The organisation that hammers, in a thread of its own: imports over many connections from "go" until "stop". */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { makeCorpus } from "./corpus.ts";

export interface Hammer {
  readonly url: string;
  readonly key: string;
  readonly kind: "batch" | "import";
  readonly connections: number;
  /** The first text of the corpus. */
  readonly from: number;
}
export type FromHammer =
  | { readonly event: "ready" }
  | { readonly event: "done"; readonly perSecond: number; readonly refused: number; readonly failed: number };

const batch = 250;

const run = async ({ url, key, kind, connections, from }: Hammer): Promise<void> => {
  const corpus = makeCorpus();
  let next = from;
  const bodyOf = (): string => {
    const memories = Array.from({ length: batch }, () => ({ content: corpus.text(next++) }));
    return JSON.stringify(kind === "batch" ? { memories } : { drafts: memories });
  };
  const bodies = Array.from({ length: 2 * connections }, bodyOf);
  const port = parentPort;
  if (port === null) return;
  port.postMessage({ event: "ready" } satisfies FromHammer);
  await once(port, "message");
  const ending = new AbortController();
  port.once("message", () => ending.abort());
  const counts = { stored: 0, refused: 0, failed: 0 };
  const started = performance.now();
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const answer = await fetch(new URL(kind === "batch" ? "/v1/remember/batch" : "/v1/import", url), {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: bodies.shift() ?? bodyOf(),
      });
      await answer.arrayBuffer();
      if (answer.ok) counts.stored += batch;
      else if (answer.status === 429) {
        counts.refused += 1;
        await pause(1_000 * Number(answer.headers.get("retry-after") ?? 1));
      } else counts.failed += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  const perSecond = (1_000 * counts.stored) / (performance.now() - started);
  port.postMessage({ event: "done", perSecond, refused: counts.refused, failed: counts.failed } satisfies FromHammer);
  port.close();
};

await run(workerData as Hammer);
