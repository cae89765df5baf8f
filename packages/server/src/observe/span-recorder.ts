/**
 * What stands behind the OpenTelemetry API here: spans that remember what was said of them and go to an exporter when
 * they end, and a context that follows asynchronous calls. It is a small part of the SDK, which is far larger than all
 * of Cairn (`docs/adr/0013`); where somebody has registered the SDK, that is used instead.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type {
  Attributes,
  Context,
  ContextManager,
  Span,
  SpanContext,
  Tracer,
  TracerProvider,
} from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import type { FinishedSpan } from "./otlp.ts";

export const makeContextManager = (): ContextManager => {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, run, self, ...args) => storage.run(context, () => run.apply(self as never, args)),
    bind: (context, target) =>
      typeof target === "function"
        ? (((...args: unknown[]) => storage.run(context, () => target(...args) as unknown)) as typeof target)
        : target,
    enable: () => manager,
    disable: () => {
      storage.disable();
      return manager;
    },
  };
  return manager;
};

/** How far the monotonic clock may be off the wall's before it is set anew. */
const mostDriftMs = 20;

/** Milliseconds since 1970 with fractions that only grow between two settings of the wall clock. */
const makeClock = (): (() => number) => {
  let origin = Date.now() - performance.now();
  return () => {
    const precise = performance.now();
    const wall = Date.now();
    if (Math.abs(wall - origin - precise) > mostDriftMs) origin = wall - precise;
    return origin + precise;
  };
};

/** Takes the same share of traces as everybody who goes by the trace's id (the specification's TraceIdRatioBased). */
const isSampled = (traceId: string, ratio: number): boolean =>
  Number.parseInt(traceId.slice(-8), 16) < Math.round(ratio * 0x1_0000_0000);

const newHex = (bytes: number): string => randomBytes(bytes).toString("hex");

interface SpanStart {
  readonly context: SpanContext;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

const makeSpan = (start: SpanStart, now: () => number, ended: (span: FinishedSpan) => void): Span => {
  const { context, parentSpanId, kind } = start;
  const { traceId, spanId } = context;
  const begun = now();
  let { name } = start;
  let attributes: Attributes = { ...start.attributes };
  let status: SpanStatusCode = SpanStatusCode.UNSET;
  let over = false;
  const change = (work: () => void): Span => {
    if (!over) work();
    return span;
  };
  const span: Span = {
    spanContext: () => context,
    setAttribute: (key, value) => change(() => void (attributes = { ...attributes, [key]: value })),
    setAttributes: (more) => change(() => void (attributes = { ...attributes, ...more })),
    setStatus: ({ code }) => change(() => void (status = code)),
    updateName: (given) => change(() => void (name = given)),
    // Messages of errors and events may hold content; they are not kept.
    addEvent: () => span,
    addLink: () => span,
    addLinks: () => span,
    recordException: () => undefined,
    isRecording: () => !over,
    end: () => {
      if (over) return;
      over = true;
      ended({ traceId, spanId, parentSpanId, name, kind, start: begun, end: now(), attributes, status });
    },
  };
  return span;
};

export interface SpanRecorderOptions {
  /** Share of the traces that begin here, 0 to 1; a trace begun elsewhere is kept when its beginner keeps it. */
  readonly ratio: number;
  readonly ended: (span: FinishedSpan) => void;
}

export const makeTracerProvider = ({ ratio, ended }: SpanRecorderOptions): TracerProvider => {
  const now = makeClock();
  const tracer: Tracer = {
    startSpan: (name, { kind = SpanKind.INTERNAL, attributes = {}, root = false } = {}, given = ROOT_CONTEXT) => {
      const parent = root ? undefined : trace.getSpanContext(given);
      const traceId = parent?.traceId ?? newHex(16);
      const sampled = parent === undefined ? isSampled(traceId, ratio) : (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
      const context = {
        traceId,
        spanId: newHex(8),
        traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      };
      if (!sampled) return trace.wrapSpanContext(context);
      return makeSpan({ context, parentSpanId: parent?.spanId ?? null, name, kind, attributes }, now, ended);
    },
    // Nothing of ours calls it; `context.with` says the same.
    startActiveSpan: (name: string, ...args: readonly unknown[]) =>
      (args.at(-1) as (span: Span) => never)(tracer.startSpan(name)),
  };
  return { getTracer: () => tracer };
};
