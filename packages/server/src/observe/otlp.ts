/**
 * Finished spans on their way to a collector, as OTLP over HTTP in JSON
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp). They go in batches; what finds no room in the queue, and what
 * the collector does not take, is given up and counted: traces never hold up or fill the memory of what they observe.
 */
import type { Attributes, SpanKind, SpanStatusCode } from "@opentelemetry/api";

export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970, with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly status: SpanStatusCode;
}

export interface SpanExporter {
  readonly add: (span: FinishedSpan) => void;
  readonly figures: () => { readonly exported: number; readonly dropped: number; readonly waiting: number };
  /** Sends what waits, for at most `milliseconds`. Nothing is taken afterwards. */
  readonly close: (milliseconds: number) => Promise<void>;
}

export interface OtlpOptions {
  /** Of the collector, such as `http://localhost:4318`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is said of this server in every batch. */
  readonly resource: Attributes;
  readonly version: string;
  readonly everyMs?: number;
  readonly batch?: number;
  readonly queue?: number;
  readonly patienceMs?: number;
  /** Told once when the collector begins not to answer, and never of what was sent. */
  readonly warn: (line: string) => void;
}

const valueOf = (value: unknown): object => {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { stringValue: String(value) };
};

const attributeList = (attributes: Attributes): readonly object[] =>
  Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: valueOf(value) }));

/** Nanoseconds since 1970, as text: a JavaScript number has no room for them. */
const nanoseconds = (milliseconds: number): string => `${BigInt(Math.round(milliseconds * 1_000)) * 1_000n}`;

export const otlpBody = (spans: readonly FinishedSpan[], resource: Attributes, version: string): object => ({
  resourceSpans: [
    {
      resource: { attributes: attributeList(resource) },
      scopeSpans: [
        {
          scope: { name: "cairn", version },
          spans: spans.map(({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, status }) => ({
            traceId,
            spanId,
            ...(parentSpanId === null ? {} : { parentSpanId }),
            name,
            // The wire counts from 1; 0 means that nothing is known.
            kind: kind + 1,
            startTimeUnixNano: nanoseconds(start),
            endTimeUnixNano: nanoseconds(end),
            attributes: attributeList(attributes),
            status: { code: status },
          })),
        },
      ],
    },
  ],
});

/** `http://localhost:4318` → `http://localhost:4318/v1/traces`. */
const tracesUrl = (endpoint: string): string => `${endpoint.replace(/\/+$/u, "")}/v1/traces`;

export const makeOtlpExporter = (options: OtlpOptions): SpanExporter => {
  const { endpoint, headers, resource, version, warn } = options;
  const { everyMs = 5_000, batch = 512, queue = 2_048, patienceMs = 10_000 } = options;
  const waiting: FinishedSpan[] = [];
  const counts = { exported: 0, dropped: 0 };
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | null = null;
  let closed = false;
  let told = false;

  const send = async (spans: readonly FinishedSpan[], milliseconds: number): Promise<void> => {
    try {
      const answer = await fetch(tracesUrl(endpoint), {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify(otlpBody(spans, resource, version)),
        signal: AbortSignal.any([AbortSignal.timeout(milliseconds), stopping.signal]),
        redirect: "error",
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`It answered ${answer.status}.`);
      counts.exported += spans.length;
      told = false;
    } catch {
      counts.dropped += spans.length;
      if (!told) warn("The collector of traces does not take them; they are given up until it does.");
      told = true;
    }
  };

  const sendAll = async (deadline: number): Promise<void> => {
    while (waiting.length > 0) {
      const left = deadline - performance.now();
      const spans = waiting.splice(0, batch);
      if (left <= 0) counts.dropped += spans.length;
      else await send(spans, Math.min(patienceMs, Math.ceil(left)));
    }
  };

  const flush = (deadline = Number.POSITIVE_INFINITY): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    return (sending ??= sendAll(deadline).finally(() => (sending = null)));
  };

  return {
    add: (span) => {
      if (closed || waiting.length >= queue) {
        counts.dropped += 1;
        return;
      }
      waiting.push(span);
      if (waiting.length >= batch) void flush();
      else timer ??= setTimeout(() => void flush(), everyMs).unref();
    },
    figures: () => ({ ...counts, waiting: waiting.length }),
    close: async (milliseconds) => {
      closed = true;
      clearTimeout(timer);
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const end = setTimeout(resolve, milliseconds);
      const deadline = performance.now() + milliseconds;
      await Promise.race([(sending ?? Promise.resolve()).then(() => flush(deadline)), late]);
      clearTimeout(end);
      stopping.abort();
    },
  };
};
