/**
 * One write: locks the space, runs its rules on what is known until they ask for nothing more (facts.ts), writes what
 * they did, commits. Nothing is written before the true run, so what fails leaves nothing behind.
 */
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId, type Uuid } from "@cairn/kernel/id";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Actor } from "@cairn/memory/space/engine";
import type { Steps, WriteContext } from "@cairn/memory/write/context";
import { openLog } from "@cairn/memory/write/log";
import type { Connection, PostgresPool } from "../connection/pool.ts";
import type { SpaceState } from "../read/space-state.ts";
import { makeFacts } from "./facts.ts";
import { flush } from "./flush.ts";
import { loadFacts } from "./load-facts.ts";
import { lockState } from "./lock-state.ts";
import { makeOverlay, type Overlay } from "./overlay.ts";

export interface Writing {
  readonly pool: PostgresPool;
  readonly model: EmbeddingModel;
  readonly clock: Clock;
  readonly space: string;
  readonly actor: Actor;
}

export type Rule<T> = (context: WriteContext) => Steps<T>;

/** A rule asks for what the answers before it lead to; none is this deep. */
const mostRuns = 40;

const runSteps = async <T>(steps: Steps<T>): Promise<T> => {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (value.waitMs > 0) await sleep(value.waitMs);
    else await setImmediate();
  }
};

/** Ids for one run after another: what a run asks about a memory that it makes must be the same in the next. */
const makeIds = (): (() => () => Uuid) => {
  const given: Uuid[] = [];
  return () => {
    let used = 0;
    return () => (given[used++] ??= newId());
  };
};

interface TrueRun<T> {
  readonly overlay: Overlay;
  readonly result: T;
}

/** Runs the rule until it asks for nothing that is not known. Throws what that run throws. */
const run = async <T>(
  { model, clock, space, actor }: Writing,
  connection: Connection,
  state: SpaceState,
  rule: Rule<T>,
): Promise<TrueRun<T>> => {
  const facts = makeFacts();
  const idsOfRun = makeIds();
  const now = clock();
  for (let runs = 0; runs < mostRuns; runs++) {
    const overlay = makeOverlay(state, facts);
    const log = openLog(overlay.store, actor, now);
    const context: WriteContext = { space, model, store: overlay.store, actor, now, log, newId: idsOfRun() };
    const outcome = await runSteps(rule(context)).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    const missing = facts.takeMissing();
    if (missing.size > 0) {
      await loadFacts(connection, space, facts, missing);
      continue;
    }
    if ("error" in outcome) throw outcome.error;
    log.finish();
    return { overlay, result: outcome.result };
  }
  throw new CairnError("internal", "A write asked for more and more of its space.");
};

/** Makes a new space one of the engine's model; whoever is first decides. */
const bindModel = async (connection: Connection, space: string, model: EmbeddingModel): Promise<SpaceState> => {
  await connection.change(
    "UPDATE space_state SET model = $2, model_dimensions = $3, model_provider = $4 WHERE space = $1",
    [space, model.id, model.dimensions, model.provider],
  );
  return lockState(connection, space);
};

/** The locked space, of a model at last. */
export const lockSpace = async (connection: Connection, { space, model }: Writing): Promise<SpaceState> => {
  const state = await lockState(connection, space);
  return state.own === null ? bindModel(connection, space, model) : state;
};

/** As `write`, of a rule that is told what was read first, under the lock; `conclude` adds what no rule can say. */
export const writeWith = <Given, T>(
  writing: Writing,
  read: (connection: Connection, state: SpaceState) => Promise<Given>,
  rule: (context: WriteContext, given: Given) => Steps<T>,
  conclude: (connection: Connection, result: T, given: Given) => Promise<unknown> = () => Promise.resolve(),
): Promise<T> =>
  writing.pool.transaction({ space: writing.space }, async (connection) => {
    const state = await lockSpace(connection, writing);
    const given = await read(connection, state);
    const { overlay, result } = await run(writing, connection, state, (context) => rule(context, given));
    await flush(connection, writing.space, overlay);
    await conclude(connection, result, given);
    return result;
  });

export const write = <T>(writing: Writing, rule: Rule<T>): Promise<T> =>
  writeWith(writing, () => Promise.resolve(null), rule);
