/**
 * What a server tells of itself, put together as the settings say: metrics always, a log for people or machines, traces
 * where they are wanted. What a part needs is loaded only where that part is used.
 */
import type { Services } from "@cairn/operations/context";
import type { CallObserver, Pipeline } from "@cairn/operations/pipeline";
import { newId } from "@cairn/kernel/id";
import { describeCause, type Logger, makeTextLogger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { ObserveSettings } from "./observe-settings.ts";
import { isRoutine, type RequestEnd, type RequestObserver, type RequestRecord } from "./request-record.ts";
import type { Tracing } from "./tracing.ts";

export interface ObserverOptions {
  readonly settings: ObserveSettings;
  /** Whether others than the person at this machine are served: what is logged by default depends on it. */
  readonly servesOthers: boolean;
  readonly instance: string;
  readonly version: string;
  /** Takes lines for people. */
  readonly warn: (line: string) => void;
  /** Where lines for machines go: a file descriptor, stderr by default. */
  readonly descriptor?: number;
}

export interface Observer {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly requests: RequestObserver;
  /** For the pipeline. */
  readonly operation: CallObserver;
  /** The same services, and the same pipeline, seen by whoever traces. */
  readonly services: <Given extends Services>(services: Given) => Given;
  readonly pipeline: (pipeline: Pipeline) => Pipeline;
  /** Logs a failure outside any request, such as a job's; `route` says where. */
  readonly failed: (route: string) => (error: unknown) => void;
  /** Sends and writes what is still on its way. Log lines that come later are written all the same. */
  readonly close: () => Promise<void>;
}

/** Milliseconds that the last traces may take to reach their collector. */
const farewellMs = 2_000;

const openLog = async ({
  settings,
  servesOthers,
  instance,
  warn,
  descriptor = 2,
}: ObserverOptions): Promise<Logger> => {
  const { logFormat, logLevel: level, logRequests } = settings;
  const requests = logRequests ?? servesOthers;
  const machines = logFormat === "json" || (logFormat === "auto" && servesOthers && !process.stderr.isTTY);
  if (!machines) return makeTextLogger({ level, requests, warn });
  const { makeJsonLogger } = await import("./json-log.ts");
  return makeJsonLogger({ level, requests, instance, descriptor });
};

const openTracing = async ({ settings, instance, version }: ObserverOptions, log: Logger): Promise<Tracing | null> => {
  if (settings.tracing === null) return null;
  const { startTracing } = await import("./tracing.ts");
  const serviceName = process.env["OTEL_SERVICE_NAME"] ?? "cairn";
  return startTracing({
    ...settings.tracing,
    instance,
    version,
    serviceName,
    warn: (line) => log.notice("warn", line),
  });
};

/** What is done at the end of each request, whoever wants it. Probes and scrapes, which come all the time, are not logged. */
const tellEnd =
  ({ request: logged }: Logger, metrics: Metrics) =>
  (record: RequestRecord, end: RequestEnd): void => {
    metrics.request(record, end);
    const { requestId, traceId, method, route } = record;
    if (logged === null || isRoutine(route)) return;
    const { code: status, seconds, bytes } = end;
    logged({ requestId, traceId, method, route, status, milliseconds: seconds * 1_000, bytes });
  };

/** Opens what the settings ask for. */
export const openObserver = async (options: ObserverOptions): Promise<Observer> => {
  const [{ makeMetrics }, log] = await Promise.all([import("./metrics.ts"), openLog(options)]);
  const metrics = makeMetrics({ version: options.version });
  const tracing = await openTracing(options, log);
  const tell = tellEnd(log, metrics);
  metrics.registerCollector("cairn_process", "Figures of the server's process.", () => {
    const { rss, heapUsed } = process.memoryUsage();
    return { residentBytes: rss, heapBytes: heapUsed, uptimeSeconds: process.uptime() };
  });
  metrics.registerCollector("cairn_log", "Log lines that nobody took in time.", () => ({ dropped: log.dropped() }));
  if (tracing !== null) metrics.registerCollector("cairn_trace_spans", "Spans of traces.", tracing.figures);
  return {
    log,
    metrics,
    requests: {
      begin: (record, headers, run) => {
        if (tracing === null) {
          run();
          return tell;
        }
        const ended = tracing.request.begin(record, headers, run);
        return (record, end) => {
          ended(record, end);
          tell(record, end);
        };
      },
    },
    operation: (record) => {
      metrics.operation(record);
      tracing?.operation(record);
    },
    services: (services) => {
      const { embeddingFigures, poolFigures } = services;
      metrics.registerCollector("cairn_embedding", "What embedding did since the start.", embeddingFigures);
      metrics.registerCollector("cairn_vector_pool", "The memory of vectors of spaces in use.", poolFigures);
      return tracing === null ? services : tracing.services(services);
    },
    pipeline: (pipeline) => (tracing === null ? pipeline : tracing.pipeline(pipeline)),
    failed: (route) => (error) => {
      const cause = describeCause(error);
      const line = { requestId: newId(), route, code: "internal", milliseconds: 0 };
      log.failure({ ...line, ...(cause === undefined ? {} : { cause }) });
    },
    close: async () => {
      await tracing?.close(farewellMs);
      await log.flush();
    },
  };
};
