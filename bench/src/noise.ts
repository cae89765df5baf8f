/**
 * `npm run bench -- noise` (TEN-4): how much longer one organisation's questions take while another hammers the server
 * with imports over many connections. In this process through the pipeline, with the limits of calls and once without
 * them; or over HTTP at a server that runs (`--url`, and `--keys` of two organisations). What counts is the ratio.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { openSqliteLimitCounters } from "@cairn/directory/limits/sqlite-limit-counters";
import type { Identity } from "@cairn/memory/permission/identity";
import { standardPlans } from "@cairn/memory/plan/known-plans";
import type { Caller } from "@cairn/operations/context";
import type { Operation } from "@cairn/operations/operation";
import { importMemories } from "@cairn/operations/operations/memories/import";
import { rememberBatch } from "@cairn/operations/operations/memories/remember-batch";
import { recall } from "@cairn/operations/operations/recall/recall";
import { makePipeline } from "@cairn/operations/pipeline";
import { fromWire } from "@cairn/operations/wire";
import { openCallLimits } from "@cairn/server/limits/call-limits";
import { makeLook } from "@cairn/server/limits/look";
import { openServices } from "@cairn/server/services";
import { readSettings } from "@cairn/server/settings";
import { compare, type Figures, readBaseline, writeBaseline } from "./baseline.ts";
import { makeCorpus } from "./corpus.ts";
import { type Percentiles, percentiles } from "./statistics.ts";

export interface NoiseOptions {
  /** Of the organisation that imports. */
  readonly connections: number;
  /** How long each measurement takes. */
  readonly seconds: number;
  /** A running server and a key of each of two organisations: the one that imports, the one that asks. */
  readonly server: { readonly url: string; readonly keys: readonly [string, string] } | null;
  readonly update: boolean;
}

/** TEN-4: the 95th percentile beside the import, over that alone. */
const bar = 1.5;
const slack = 1.6;
const batch = 250;
const held = 500;
const rounds = 3;
const thinkMs = 5;

const corpus = makeCorpus();

/** One organisation's way to the server. */
interface Seat {
  /** The body as it would come over the network. False: refused for now, by a limit. */
  readonly post: (path: string, body: string) => Promise<boolean>;
}

interface World {
  readonly importer: Seat;
  readonly asker: Seat;
  readonly close: () => Promise<void>;
}

type ImportKind = "batch" | "import";
const pathOf = { batch: "/v1/remember/batch", import: "/v1/import" } as const;

let nextText = 1_000_000;
const importBody = (kind: ImportKind): string => {
  const memories = Array.from({ length: batch }, () => ({ content: corpus.text(nextText++) }));
  return JSON.stringify(kind === "batch" ? { memories } : { drafts: memories });
};

const inProcess = async (limited: boolean): Promise<World> => {
  const data = mkdtempSync(join(tmpdir(), "cairn-noise-"));
  const machine = { platform: process.platform, home: data, hostname: "bench", env: { CAIRN_DATA: data } };
  const services = await openServices(await readSettings({}, machine));
  const { clock, engine, directory, tenants } = services;
  const counters = openSqliteLimitCounters({ file: join(data, "limits.db") });
  const limits = openCallLimits({
    counters,
    plans: standardPlans,
    planOf: async (id) => (await tenants.organisations.find(id))?.plan ?? null,
    look: makeLook({
      engine,
      spacesOf: async (id) => (await directory.list(id)).map((space) => space.id),
      database: services.storage.directoryDatabase,
      clock,
    }),
    clock,
    addressRatePerMinute: 300,
    failed: (error) => console.error(error),
  });
  const pipeline = makePipeline(services, limited ? { limits } : {});
  const operations: Readonly<Record<string, Operation>> = {
    "/v1/remember/batch": rememberBatch,
    "/v1/import": importMemories,
    "/v1/recall": recall,
  };
  const seatOf = async (name: string): Promise<Seat> => {
    const organisation = await tenants.organisations.create({ name, createdBy: "bench" });
    await engine.create(organisation.defaultSpace);
    const identity: Identity = {
      principal: `user:${name}`,
      credential: "key",
      organisation: organisation.id,
      role: "admin",
      scopes: null,
      space: null,
      key: `key-${name}`,
      instance: null,
      administrator: false,
    };
    const caller: Caller = {
      identity,
      instance: "bench",
      requestId: "bench",
      edge: "rest",
      defaultSpace: organisation.defaultSpace,
      address: "127.0.0.1",
    };
    return {
      post: async (path, body) => {
        try {
          await pipeline.call(operations[path]!, caller, fromWire(JSON.parse(body)));
          return true;
        } catch (error) {
          if (error instanceof Error && "code" in error && error.code === "limit.rate_exceeded") return false;
          throw error;
        }
      },
    };
  };
  return {
    importer: await seatOf("importer"),
    asker: await seatOf("asker"),
    close: async () => {
      await limits.close();
      await services.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
};

const overHttp = async ({ url, keys }: NonNullable<NoiseOptions["server"]>): Promise<World> => {
  const seatOf = (key: string): Seat => ({
    post: async (path, body) => {
      const answer = await fetch(new URL(path, url), {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body,
      });
      await answer.arrayBuffer();
      if (!answer.ok && answer.status !== 429) throw new Error(`${path} answered ${answer.status}.`);
      return answer.ok;
    },
  });
  return { importer: seatOf(keys[0]), asker: seatOf(keys[1]), close: async () => undefined };
};

const startImports = ({ importer }: World, kind: ImportKind, connections: number) => {
  let stopped = false;
  const counts = { stored: 0, refused: 0 };
  const bodies = Array.from({ length: 4 * connections }, () => importBody(kind));
  const work = async (): Promise<void> => {
    while (!stopped) {
      const taken = await importer.post(pathOf[kind], bodies.shift() ?? importBody(kind));
      if (taken) counts.stored += batch;
      else {
        counts.refused += 1;
        await pause(1_000);
      }
    }
  };
  const started = performance.now();
  const all = Promise.all(Array.from({ length: connections }, work));
  return {
    /** Texts a second, and how often it was told to come later. */
    stop: async () => {
      const perSecond = (1_000 * counts.stored) / (performance.now() - started);
      stopped = true;
      await all;
      return { perSecond, refused: counts.refused };
    },
  };
};

let question = 0;
const askFor = async ({ asker }: World, seconds: number): Promise<readonly number[]> => {
  const times: number[] = [];
  for (const until = performance.now() + 1_000 * seconds; performance.now() < until; await pause(thinkMs)) {
    question += 1;
    const body = JSON.stringify({ query: `${corpus.question(question % held)} ${question}`, limit: 10, min_relevance: 0 });
    const started = performance.now();
    if (!(await asker.post("/v1/recall", body))) throw new Error("The one who asks was refused: its rate is too low.");
    times.push(performance.now() - started);
  }
  return times;
};

interface Measured {
  readonly what: string;
  readonly alone: Percentiles;
  readonly beside: Percentiles;
  readonly ratio: number;
  readonly asked: number;
  readonly perSecond: number;
  readonly refused: number;
  readonly stallMs: number;
}

interface Told {
  readonly alone: number[];
  readonly beside: number[];
  readonly stalls: ReturnType<typeof monitorEventLoopDelay>;
  perSecond: number;
  refused: number;
}

const measureRound = async (world: World, kind: ImportKind, options: NoiseOptions, told: Told): Promise<void> => {
  told.alone.push(...(await askFor(world, options.seconds / 2)));
  const imports = startImports(world, kind, options.connections);
  await pause(300);
  told.stalls.enable();
  told.beside.push(...(await askFor(world, options.seconds)));
  told.stalls.disable();
  const { perSecond, refused } = await imports.stop();
  told.perSecond += perSecond / rounds;
  told.refused += refused;
};

/** The worlds take turns, so that all see the same minutes of the machine. */
const measure = async (
  worlds: ReadonlyMap<string, World>,
  kind: ImportKind,
  options: NoiseOptions,
): Promise<readonly Measured[]> => {
  const all = [...worlds].map(([name, world]) => {
    const stalls = monitorEventLoopDelay({ resolution: 2 });
    const told: Told = { alone: [], beside: [], stalls, perSecond: 0, refused: 0 };
    return { what: `${name}, ${kind === "batch" ? "batches" : "imports"}`, world, told };
  });
  for (let round = 0; round < rounds; round += 1) {
    for (const { world, told } of all) await measureRound(world, kind, options, told);
  }
  return all.map(({ what, told: { alone, beside, stalls, perSecond, refused } }) => {
    const [quiet, loud] = [percentiles(alone), percentiles(beside)];
    const ratio = loud.p95 / quiet.p95;
    const stallMs = stalls.percentile(99) / 1e6;
    return { what, alone: quiet, beside: loud, ratio, asked: beside.length, perSecond, refused, stallMs };
  });
};

const prepare = async (world: World): Promise<void> => {
  for (let from = 0; from < held; from += batch) {
    const memories = Array.from({ length: batch }, (_, at) => ({ content: corpus.text(from + at), skip_dedup: true }));
    await world.asker.post(pathOf.batch, JSON.stringify({ memories }));
  }
  await askFor(world, 1);
};

const shown = ({ p50, p95 }: Percentiles): string => `${p50.toFixed(1)} / ${p95.toFixed(1)}`;

/** True when no ratio with limits is above the bar and worse than the baseline. */
export const benchNoise = async (options: NoiseOptions): Promise<boolean> => {
  const { server } = options;
  const worlds = new Map(
    server === null
      ? [["limited", await inProcess(true)] as const, ["unlimited", await inProcess(false)] as const]
      : [["over HTTP", await overHttp(server)] as const],
  );
  const measured: Measured[] = [];
  try {
    for (const world of worlds.values()) await prepare(world);
    for (const kind of ["batch", "import"] as const) measured.push(...(await measure(worlds, kind, options)));
  } finally {
    for (const world of worlds.values()) await world.close();
  }
  const limited = measured.filter(({ what }) => !what.startsWith("unlimited"));
  console.table(
    measured.map((one) => ({
      "": one.what,
      "alone, ms (p50 / p95)": shown(one.alone),
      "beside, ms": shown(one.beside),
      "ratio of p95": one.ratio.toFixed(2),
      questions: one.asked,
      "imported, texts/s": Math.round(one.perSecond),
      "told to come later": one.refused,
      "longest stall, ms (p99)": one.stallMs.toFixed(1),
    })),
  );
  console.log(`${options.connections} connections import; the bar is ${bar} times at p95.`);
  const figures: Figures = Object.fromEntries(
    limited.map(({ what, ratio }) => [`${what}: p95 beside / alone`, Math.round(100 * ratio) / 100]),
  );
  if (options.update) {
    writeBaseline("noise", figures);
    return true;
  }
  return compare("noise", figures, readBaseline("noise"), (was, is) => is <= Math.max(bar, was * slack));
};
