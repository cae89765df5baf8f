/**
 * Traces through the OpenTelemetry API: a span for each HTTP request, for the operation in it, and for what the
 * operation asks of the engine and of the embedder. Spans say what kind of work was done, how long it took and how it
 * ended, in names that the code knows; never content, a question, an id or a path. Loaded only where it is switched on.
 */
import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { toCairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { Engine } from "@cairn/memory/space/engine";
import type { Services } from "@cairn/operations/context";
import type { CallObserver, Pipeline } from "@cairn/operations/pipeline";
import { makeOtlpExporter, type SpanExporter } from "./otlp.ts";
import { isRoutine, type RequestObserver } from "./request-record.ts";
import { makeContextManager, makeTracerProvider } from "./span-recorder.ts";
import { parseTraceParent } from "./traceparent.ts";

export interface TracingOptions {
  /** Of a collector that speaks OTLP over HTTP, such as `http://localhost:4318`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ratio: number;
  readonly instance: string;
  readonly version: string;
  readonly serviceName: string;
  readonly warn: (line: string) => void;
  /** Milliseconds between two batches. */
  readonly everyMs?: number;
}

export interface Tracing {
  readonly request: RequestObserver;
  /** Services whose engine and embedders are traced. */
  readonly services: <Given extends Services>(services: Given) => Given;
  readonly pipeline: (pipeline: Pipeline) => Pipeline;
  /** For the pipeline's observer: notes on the operation's span how it ended. */
  readonly operation: CallObserver;
  readonly figures: SpanExporter["figures"];
  /** Sends what waits, for at most `milliseconds`. */
  readonly close: (milliseconds: number) => Promise<void>;
}

type Method = (...args: readonly unknown[]) => unknown;

/** Registers our recorder behind the API, unless somebody has registered the SDK before us. */
const register = (options: TracingOptions): SpanExporter | null => {
  const { endpoint, headers, ratio, instance, version, serviceName, warn, everyMs } = options;
  const exporter = makeOtlpExporter({
    endpoint,
    headers,
    version,
    warn,
    resource: { "service.name": serviceName, "service.version": version, "service.instance.id": instance },
    ...(everyMs === undefined ? {} : { everyMs }),
  });
  if (!trace.setGlobalTracerProvider(makeTracerProvider({ ratio, ended: exporter.add }))) return null;
  context.setGlobalContextManager(makeContextManager());
  return exporter;
};

export const startTracing = (options: TracingOptions): Tracing => {
  const exporter = register(options);
  const tracer = trace.getTracer("cairn", options.version);
  const operations = new WeakSet<Span>();

  const inSpan = async <T>(name: string, attributes: Attributes, run: (span: Span) => Promise<T>): Promise<T> => {
    const span = tracer.startSpan(name, { attributes }, context.active());
    try {
      return await context.with(trace.setSpan(context.active(), span), () => run(span));
    } catch (error) {
      const coded = toCairnError(error);
      span.setAttribute("cairn.code", coded.code);
      if (coded.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  };

  const tracedHandle = <Handle extends object>(handle: Handle): Handle =>
    Object.fromEntries(
      Object.entries(handle).map(([name, method]) => [
        name,
        typeof method !== "function"
          ? (method as unknown)
          : (...args: readonly unknown[]) =>
              inSpan(`engine ${name}`, {}, async () => (method as Method).call(handle, ...args)),
      ]),
    ) as Handle;

  const tracedEngine = (engine: Engine): Engine => ({
    ...engine,
    read: (space) => tracedHandle(engine.read(space)),
    write: (space, actor) => tracedHandle(engine.write(space, actor)),
  });

  const tracedEmbedder = (embedder: Embedder): Embedder => {
    const { id } = embedder.model;
    return {
      ...embedder,
      embedQuery: (text, use) => inSpan("embed query", { "cairn.model": id }, () => embedder.embedQuery(text, use)),
      embedPassages: (passages, use) =>
        inSpan("embed passages", { "cairn.model": id, "cairn.texts": passages.length }, () =>
          embedder.embedPassages(passages, use),
        ),
    };
  };

  return {
    request: {
      begin: (record, headers, run) => {
        const parent = parseTraceParent(headers["traceparent"]);
        // The SDK may have begun a span for the request by itself; ours is then a part of it.
        const outer = exporter === null ? context.active() : ROOT_CONTEXT;
        const around =
          parent === null || trace.getSpan(outer) !== undefined
            ? outer
            : trace.setSpanContext(ROOT_CONTEXT, {
                traceId: parent.traceId,
                spanId: parent.spanId,
                traceFlags: parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
                isRemote: true,
              });
        const span = tracer.startSpan(record.method, { kind: SpanKind.SERVER }, around);
        record.traceId = span.spanContext().traceId;
        context.with(trace.setSpan(around, span), run);
        return ({ method, route }, { code }) => {
          // A span that does not end is not told of.
          if (parent === null && isRoutine(route)) return;
          span.updateName(`${method} ${route}`);
          span.setAttributes({
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": code,
          });
          if (code >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        };
      },
    },
    services: (services) => {
      const embedder = tracedEmbedder(services.embedder);
      return {
        ...services,
        embedder,
        engine: tracedEngine(services.engine),
        embedderOf: async (model) => {
          const found = await services.embedderOf(model);
          return found === null ? null : found === services.embedder ? embedder : tracedEmbedder(found);
        },
      };
    },
    pipeline: ({ services, call }) => ({
      services,
      call: (operation, caller, input) =>
        inSpan(`operation ${operation.name}`, { "cairn.operation": operation.name }, (span) => {
          operations.add(span);
          return call(operation, caller, input);
        }),
    }),
    operation: ({ outcome, code, spaces }) => {
      const span = trace.getActiveSpan();
      if (span === undefined || !operations.has(span)) return;
      span.setAttributes({ "cairn.outcome": outcome, "cairn.spaces": spaces.length });
      if (code !== null) span.setAttribute("cairn.code", code);
    },
    figures: () => exporter?.figures() ?? { exported: 0, dropped: 0, waiting: 0 },
    close: async (milliseconds) => {
      if (exporter === null) return;
      await exporter.close(milliseconds);
      trace.disable();
      context.disable();
    },
  };
};
