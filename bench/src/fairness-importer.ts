/** The tenant who imports, in a thread of its own: stores texts in batches as fast as they are taken, once told to. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { makeCorpus } from "./corpus.ts";

export interface Import {
  readonly url: string;
  readonly space: string;
  readonly texts: number;
  readonly batch: number;
  /** Batches on their way at once. */
  readonly together: number;
  /** The first text of the corpus. */
  readonly from: number;
}
export type FromImporter =
  | { readonly event: "ready" }
  | { readonly event: "done"; readonly perSecond: number; readonly stored: number };

const run = async ({ url, space, texts, batch, together, from }: Import): Promise<void> => {
  const corpus = makeCorpus();
  const bodies = Array.from({ length: Math.ceil(texts / batch) }, (_, at) => {
    const memories = Array.from({ length: Math.min(batch, texts - at * batch) }, (_none, index) => ({
      content: corpus.text(from + at * batch + index),
    }));
    return { count: memories.length, body: JSON.stringify({ memories, space }) };
  });
  const port = parentPort;
  port?.postMessage({ event: "ready" } satisfies FromImporter);
  if (port === null) return;
  await once(port, "message");
  const started = performance.now();
  let stored = 0;
  const work = async (): Promise<void> => {
    for (let next = bodies.shift(); next !== undefined; next = bodies.shift()) {
      const answer = await fetch(`${url}/v1/remember/batch`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: next.body,
      });
      if (!answer.ok) throw new Error(`The import was answered ${answer.status}.`);
      await answer.arrayBuffer();
      stored += next.count;
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  const perSecond = stored / ((performance.now() - started) / 1000);
  port.postMessage({ event: "done", perSecond, stored } satisfies FromImporter);
  port.close();
};

await run(workerData as Import);
