/**
 * `npm run bench -- fairness`: what one tenant's import costs another tenant's recalls (EMB-4), and whether deadlines
 * are kept meanwhile (REC-6), through a real server. Alone and together are measured in turns within one run: the
 * machine is the same for both, and only their ratio is kept.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { makeCorpus } from "./corpus.ts";
import type { FromImporter, Import } from "./fairness-importer.ts";
import { type BenchServer, startServer } from "./server.ts";

export interface FairnessOptions {
  /** How many texts are imported in all. */
  readonly texts: number;
  readonly batch: number;
  /** Root of the checkout that is measured; by default this one. */
  readonly checkout?: string | null;
}

const memories = 1_000;
const rounds = 4;
const askedAlone = 150;
const deadlineMs = 50;
const thinkMs = 5;

interface Asked {
  readonly ms: number;
  readonly partial: boolean;
}

const percentile = (asked: readonly Asked[], share: number): number => {
  const sorted = asked.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

const startImport = async (server: BenchServer, work: Omit<Import, "url">) => {
  const worker = new Worker(new URL("./fairness-importer.ts", import.meta.url), {
    workerData: { ...work, url: server.url } satisfies Import,
  });
  await once(worker, "message");
  worker.postMessage("go");
  const done = once(worker, "message").then(([message]) => message as FromImporter & { readonly event: "done" });
  let over = false;
  void done.then(() => {
    over = true;
  });
  return { done, over: () => over };
};

/** Asks one question after the other until told to stop. */
const askWhile = async (
  server: BenchServer,
  space: string,
  goesOn: (asked: number) => boolean,
  deadline: boolean,
): Promise<readonly Asked[]> => {
  const corpus = makeCorpus();
  const asked: Asked[] = [];
  while (goesOn(asked.length)) {
    const query = corpus.question((asked.length * 7919) % memories);
    const body = { query, limit: 10, min_relevance: 0, space, ...(deadline && { deadline_ms: deadlineMs }) };
    const started = performance.now();
    const { partial } = await server.post<{ readonly partial: boolean }>("/v1/recall", body);
    asked.push({ ms: performance.now() - started, partial });
    await new Promise((resolve) => setTimeout(resolve, thinkMs));
  }
  return asked;
};

const show = (name: string, asked: readonly Asked[]): void => {
  const at = (share: number): string => percentile(asked, share).toFixed(1).padStart(7);
  const partial = asked.filter((one) => one.partial).length;
  console.log(
    `${name.padEnd(38)} ${at(0.5)} ${at(0.95)} ${at(0.99)} ${String(partial).padStart(8)} of ${asked.length}`,
  );
};

export const benchFairness = async ({ texts, batch, checkout = null }: FairnessOptions): Promise<boolean> => {
  const server = await startServer(checkout === null ? {} : { checkout });
  try {
    for (const name of ["quiet", "busy", "unwatched"]) await server.post("/v1/spaces", { name });
    const corpus = makeCorpus();
    for (let from = 0; from < memories; from += batch) {
      const some = Array.from({ length: Math.min(batch, memories - from) }, (_, at) => ({
        content: corpus.text(from + at),
      }));
      await server.post("/v1/remember/batch", { memories: some, space: "quiet" });
    }
    const share = Math.ceil(texts / rounds);
    const unwatched = await startImport(server, {
      space: "unwatched",
      texts: share,
      batch,
      together: 2,
      from: 10_000_000,
    });
    const { perSecond: freely } = await unwatched.done;
    await askWhile(server, "quiet", (asked) => asked < 100, false);
    const alone: Asked[] = [];
    const during: Asked[] = [];
    const hurried: Asked[] = [];
    const own: Asked[] = [];
    const speeds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      alone.push(...(await askWhile(server, "quiet", (asked) => asked < askedAlone, false)));
      const { done, over } = await startImport(server, {
        space: "busy",
        texts: share,
        batch,
        together: 2,
        from: 1_000_000 + round * share,
      });
      // By turns without a deadline, with one, and with one in the very space that is written to.
      for (let turn = 0; !over(); turn++) {
        const goesOn = (asked: number): boolean => asked < 50 && !over();
        if (turn % 3 === 0) during.push(...(await askWhile(server, "quiet", goesOn, false)));
        else if (turn % 3 === 1) hurried.push(...(await askWhile(server, "quiet", goesOn, true)));
        else own.push(...(await askWhile(server, "busy", goesOn, true)));
      }
      speeds.push((await done).perSecond);
    }
    console.log("recalls                                    p50     p95     p99  partial");
    show("alone", alone);
    show("during another tenant's import", during);
    show(`… with deadline_ms ${deadlineMs}`, hurried);
    show("… in the imported space", own);
    const mean = speeds.reduce((sum, one) => sum + one, 0) / speeds.length;
    console.log(`stored a second: ${freely.toFixed(0)} while nobody asks, ${mean.toFixed(0)} while somebody does`);
    const ratio = percentile(during, 0.95) / percentile(alone, 0.95);
    console.log(
      `p95 during / alone: ${ratio.toFixed(2)}; p50: ${(percentile(during, 0.5) / percentile(alone, 0.5)).toFixed(2)}`,
    );
    return ratio <= 1.5 && percentile([...hurried, ...own], 0.99) <= deadlineMs + 10;
  } finally {
    await server.stop();
  }
};
