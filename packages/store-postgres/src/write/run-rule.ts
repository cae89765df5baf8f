/**
 * One write: locks the space, runs its rules on what is known until they ask for nothing more (facts.ts), writes what
 * they did, commits. Nothing is written before the true run, so what fails leaves nothing behind.
 */
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId, type Uuid } from "@cairn/kernel/id";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Actor } from "@cairn/memory/space/engine";
import type { Steps, WriteContext } from "@cairn/memory/write/context";
import { openLog } from "@cairn/memory/write/log";
import { notesOf } from "@cairn/memory/write/notes";
import type { Connection, PostgresPool } from "../connection/pool.ts";
import { emptyState, type SpaceState } from "../read/space-state.ts";
import { flushLarge, leavingOf } from "../recall/large/write-large.ts";
import { type Facts, makeFacts, type Missing } from "./facts.ts";
import { flush } from "./flush.ts";
import { loadFacts } from "./load-facts.ts";
import { lockKnown, lockState } from "./lock-state.ts";
import { keepNotes } from "./notes.ts";
import { makeOverlay, type Overlay } from "./overlay.ts";

export interface Writing {
  readonly pool: PostgresPool;
  readonly model: EmbeddingModel;
  readonly clock: Clock;
  readonly space: string;
  readonly actor: Actor;
  /** Hears, after a write to a space that is not large yet, how many texts it has. */
  readonly noteTexts?: (space: string, texts: number) => void;
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

interface Locked {
  readonly state: SpaceState;
  /** What is known of it already. */
  readonly facts: Facts;
}

interface TrueRun<T> {
  readonly overlay: Overlay;
  readonly result: T;
}

/** One write's runs: all at the same time of the clock, with the same ids. */
const makeRunner = <T>({ model, clock, space, actor }: Writing, rule: Rule<T>) => {
  const idsOfRun = makeIds();
  const now = clock();
  return async (state: SpaceState, facts: Facts) => {
    const overlay = makeOverlay(state, facts);
    const log = openLog(overlay.store, actor, now);
    const context: WriteContext = { space, model, store: overlay.store, actor, now, log, newId: idsOfRun() };
    const outcome = await runSteps(rule(context)).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    return { overlay, log, outcome };
  };
};

/** Runs the rule until it asks for nothing that is not known. Throws what that run throws. */
const run = async <T>(
  writing: Writing,
  connection: Connection,
  { state, facts }: Locked,
  rule: Rule<T>,
): Promise<TrueRun<T>> => {
  const { space } = writing;
  const runOn = makeRunner(writing, rule);
  for (let runs = 0; runs < mostRuns; runs++) {
    const { overlay, log, outcome } = await runOn(state, facts);
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

/** What a rule asks for first. Nothing else of this run counts, nor what it throws: it knows nothing of the space. */
const foresee = async <T>(writing: Writing, rule: Rule<T>): Promise<Missing> => {
  const facts = makeFacts();
  await makeRunner(writing, rule)(
    { ...emptyState, own: { model: writing.model, generation: emptyState.epoch } },
    facts,
  );
  return facts.takeMissing();
};

/** Locks the space and loads what is known to be asked for, in one round trip. */
const lockWith = async (connection: Connection, writing: Writing, foreseen: Missing): Promise<Locked> => {
  const { space } = writing;
  const facts = makeFacts();
  const [known] = await Promise.all([lockKnown(connection, space), loadFacts(connection, space, facts, foreseen)]);
  if (known !== null && known.own !== null) return { state: known, facts };
  const state = await lockSpace(connection, writing);
  // What was read before the lock may be out of date.
  return { state, facts: known === null ? makeFacts() : facts };
};

/** Which notes the transaction keeps; the writer's where nothing else is said. */
type Notes<T> = (result: T) => readonly AuditEntry[];

/** Writes what a true run left. A failure is told by the transaction, so that its end is sent without waiting. */
const flushAll = async <T>(
  { space, clock }: Writing,
  connection: Connection,
  state: SpaceState,
  { overlay, result }: TrueRun<T>,
  notes: Notes<T>,
): Promise<void> => {
  // Sent first: what is erased is read before.
  const leaving = leavingOf(connection, space, state, overlay);
  flush(connection, space, overlay).catch(() => undefined);
  keepNotes(connection, space, notes(result), clock()).catch(() => undefined);
  await flushLarge(connection, space, state, overlay, await leaving);
};

/** The number of texts, where a space of so many may want the index of a large one. */
const noteTexts = <T>({ space, noteTexts: note }: Writing, { part }: SpaceState, { overlay }: TrueRun<T>): void => {
  if (part === 0 && overlay.numbers.texts > 0) note?.(space, overlay.numbers.texts);
};

/** As `write`, of a rule that is told what was read first, under the lock; `conclude` adds what no rule can say. */
export const writeWith = async <Given, T>(
  writing: Writing,
  read: (connection: Connection, state: SpaceState) => Promise<Given>,
  rule: (context: WriteContext, given: Given) => Steps<T>,
  conclude: (connection: Connection, result: T, given: Given) => Promise<unknown> = () => Promise.resolve(),
): Promise<T> => {
  const { pool, space, actor } = writing;
  const { state, done } = await pool.transaction({ space }, async (connection) => {
    const state = await lockSpace(connection, writing);
    const given = await read(connection, state);
    const done = await run(writing, connection, { state, facts: makeFacts() }, (context) => rule(context, given));
    await flushAll(writing, connection, state, done, () => notesOf(actor));
    await conclude(connection, done.result, given);
    return { state, done };
  });
  noteTexts(writing, state, done);
  return done.result;
};

/** Most writes take two round trips: the lock with what the rule asks for, and what it wrote with the end. */
export const write = async <T>(
  writing: Writing,
  rule: Rule<T>,
  notes: Notes<T> = () => notesOf(writing.actor),
): Promise<T> => {
  const foreseen = await foresee(writing, rule);
  const { pool, space } = writing;
  const { state, done } = await pool.transaction({ space }, async (connection) => {
    const locked = await lockWith(connection, writing, foreseen);
    const done = await run(writing, connection, locked, rule);
    await flushAll(writing, connection, locked.state, done, notes);
    return { state: locked.state, done };
  });
  noteTexts(writing, state, done);
  return done.result;
};
