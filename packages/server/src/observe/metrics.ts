/**
 * The figures of this process as Prometheus scrapes them. Labels are route patterns, operations and codes: closed sets
 * that the code knows, never an id, a space, a tenant or content, so that neither the number of series nor what they
 * tell depends on what is remembered here. Loaded by servers and by nothing else.
 */
import type { CallObserver } from "@cairn/operations/pipeline";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { flatFigures } from "./figures.ts";
import type { RequestEnd, RequestRecord } from "./request-record.ts";

/** Numbers by name, nested as one likes; each number becomes a metric under the names that lead to it. */
export type Collector = () => unknown;

export interface Metrics {
  readonly request: (record: RequestRecord, end: RequestEnd) => void;
  readonly operation: CallObserver;
  /**
   * At every scrape, the numbers of `figures()` (or of what it promises, within a second) are told under `name`. The
   * names in it must be the code's own, never data. One that fails is counted, and the scrape goes on without it.
   */
  readonly registerCollector: (name: string, help: string, figures: Collector) => void;
  readonly contentType: string;
  /** What `/metrics` answers. */
  readonly text: () => Promise<string>;
}

export interface MetricsOptions {
  readonly version: string;
  /** Milliseconds that a collector may take. */
  readonly patienceMs?: number;
}

const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Milliseconds between two looks at how late the event loop is: rare enough for a laptop on battery. */
const delayEveryMs = 50;

const within = async (figures: Collector, milliseconds: number): Promise<unknown> => {
  const value = figures();
  if (!(value instanceof Promise)) return value;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("The collector took too long.")), milliseconds);
  try {
    return await Promise.race([value as Promise<unknown>, promise]);
  } finally {
    clearTimeout(timer);
  }
};

export const makeMetrics = ({ version, patienceMs = 1_000 }: MetricsOptions): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: "cairn_http_request_duration_seconds",
    help: "How long HTTP requests took, from head to last byte, by route pattern, method and class of status.",
    labelNames: ["route", "method", "status"] as const,
    buckets: durations,
    registers,
  });
  const operationTimes = new Histogram({
    name: "cairn_operation_duration_seconds",
    help: "How long operations took, by name and outcome.",
    labelNames: ["operation", "outcome"] as const,
    buckets: durations,
    registers,
  });
  const operations = new Counter({
    name: "cairn_operations_total",
    help: "Operations by name, outcome and code of the error (`none` without one).",
    labelNames: ["operation", "outcome", "code"] as const,
    registers,
  });
  const failures = new Counter({
    name: "cairn_collector_failures_total",
    help: "Scrapes for which figures of one kind could not be had in time.",
    labelNames: ["collector"] as const,
    registers,
  });
  new Gauge({
    name: "cairn_build_info",
    help: "Always 1; the labels name the version and the Node it runs on.",
    labelNames: ["version", "node"] as const,
    registers,
  }).set({ version, node: process.versions.node }, 1);

  const collectors = new Map<string, { readonly help: string; readonly figures: Collector }>();
  const gauges = new Map<string, Map<string, Gauge>>();
  let measured = false;

  const tell = (name: string, help: string, figures: unknown): void => {
    const known = gauges.get(name) ?? new Map<string, Gauge>();
    gauges.set(name, known);
    const found = new Map(flatFigures(name, figures));
    for (const full of known.keys()) {
      if (found.has(full)) continue;
      // What is not known now is not told, instead of being told as it was.
      registry.removeSingleMetric(full);
      known.delete(full);
    }
    for (const [full, value] of found) {
      const gauge = known.get(full) ?? new Gauge({ name: full, help, registers });
      known.set(full, gauge);
      gauge.set(value);
    }
  };

  const collect = async (name: string, help: string, figures: Collector): Promise<void> => {
    try {
      tell(name, help, await within(figures, patienceMs));
    } catch {
      failures.inc({ collector: name });
      tell(name, help, null);
    }
  };

  return {
    request: ({ route, method }, { status, seconds }) => requests.observe({ route, method, status }, seconds),
    operation: ({ operation, outcome, code, milliseconds }) => {
      operationTimes.observe({ operation, outcome }, milliseconds / 1_000);
      operations.inc({ operation, outcome, code: code ?? "none" });
    },
    registerCollector: (name, help, figures) => {
      if (collectors.has(name)) throw new Error(`The collector ${name} is registered already.`);
      failures.inc({ collector: name }, 0);
      collectors.set(name, { help, figures });
    },
    contentType: registry.contentType,
    text: async () => {
      // Watching the event loop costs some wake-ups a second, so it begins when somebody scrapes.
      if (!measured) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: delayEveryMs });
      measured = true;
      await Promise.all(Array.from(collectors, ([name, { help, figures }]) => collect(name, help, figures)));
      // The library writes `Nan`; the format has `NaN`.
      return (await registry.metrics()).replace(/ Nan$/gmu, " NaN");
    },
  };
};
