/** The pipeline over fakes: what operations and edges are tested on without a file or a model. */
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import type { Peppers } from "@cairn/directory/keys/key-hash";
import { tenantsOver } from "@cairn/directory/tenants";
import { type Identity, localIdentity } from "@cairn/memory/permission/identity";
import type { Caller, Services } from "@cairn/operations/context";
import type { Operation } from "@cairn/operations/operation";
import { makePipeline, type CallRecord, type Pipeline, type PipelineOptions } from "@cairn/operations/pipeline";
import type { z } from "zod";
import { makeFakeEmbedder, type FakeEmbedder } from "./fake-embedder.ts";
import { makeFakeEngine } from "./fake-engine.ts";
import { makeFakeSpaceDirectory } from "./fake-space-directory.ts";

export interface OperationsSetup {
  readonly pipeline: Pipeline;
  readonly services: Services;
  readonly embedder: FakeEmbedder;
  readonly caller: Caller;
  readonly records: readonly CallRecord[];
  /** Milliseconds since 1970; starts on 2026-03-14T12:00Z. */
  readonly setNow: (now: number) => void;
  /** Calls an operation as the setup's caller. */
  readonly call: <In extends z.ZodType, Out extends z.ZodType>(
    operation: Operation<In, Out>,
    input: unknown,
  ) => Promise<z.output<Out>>;
}

const pepper = { id: "test-pepper", bytes: Buffer.alloc(32, 1) };
/** What keys of a setup are hashed with. */
export const testPeppers: Peppers = { current: pepper, find: (id) => (id === pepper.id ? pepper : null) };

export const setUpOperations = (
  changes: Partial<Services> & Pick<PipelineOptions, "limits" | "audits"> & { readonly identity?: Identity } = {},
): OperationsSetup => {
  let now = Date.parse("2026-03-14T12:00:00Z");
  const clock = (): number => now;
  const embedder = makeFakeEmbedder();
  const { identity = localIdentity("loopback"), limits, audits = async () => false, ...given } = changes;
  const services: Services = {
    engine: makeFakeEngine(clock),
    embedder,
    changesModels: true,
    embedderOf: async (model) => (model === embedder.model.id ? embedder : null),
    pairScorer: null,
    vectorsDue: () => undefined,
    poolFigures: () => ({}),
    embeddingFigures: () => ({ model: embedder.model, fallback: false, queue: null, cache: null, remote: null }),
    directory: makeFakeSpaceDirectory(clock),
    tenants: tenantsOver(openSqliteDatabase({ file: ":memory:" }), clock),
    keyPeppers: async () => testPeppers,
    clock,
    settings: {
      instance: "test-instance",
      version: "0.0.0-test",
      sessionRetentionMs: 30 * 86_400_000,
      deletedRetentionMs: 30 * 86_400_000,
      recallLimit: 50,
      embeddingDeadlineMs: 1_000,
      rerank: "none",
    },
    ...given,
  };
  const records: CallRecord[] = [];
  const pipeline = makePipeline(services, {
    ...(limits === undefined ? {} : { limits }),
    audits,
    observe: (record) => void records.push(record),
  });
  const caller: Caller = {
    identity,
    address: "127.0.0.1",
    instance: "test-instance",
    requestId: "request-1",
    edge: "rest",
    defaultSpace: "default",
  };
  return {
    pipeline,
    services,
    embedder,
    caller,
    records,
    setNow: (value) => {
      now = value;
    },
    call: (operation, input) => pipeline.call(operation, caller, input),
  };
};
