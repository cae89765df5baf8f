/** Rounds of: several processes write at once, are killed at a random moment, and everything acknowledged is there. */
import type { Engine } from "@cairn/memory/space/engine";
import { engineEmbedder } from "../engine/world.ts";
import type { Said } from "./crash-worker.ts";
import { meaningOf, textOf } from "./marked-text.ts";
import { openEngineAt } from "./open-engine.ts";
import { runUntilKilled } from "./run-until-killed.ts";
import { findUnnoted } from "./unnoted.ts";

export interface Acknowledged {
  /** By memory id. */
  readonly stored: Map<string, { readonly space: string; readonly word: string }>;
  /** Corrections acknowledged, and those that were under way. */
  readonly corrected: Set<string>;
  readonly doubtful: Set<string>;
  readonly heard: { readonly space: string; readonly session: string; readonly word: string }[];
}

export const nothingAcknowledged = (): Acknowledged => ({
  stored: new Map(),
  corrected: new Set(),
  doubtful: new Set(),
  heard: [],
});

const note = (into: Acknowledged, said: Said): void => {
  if (said.said === "stored") into.stored.set(said.id, { space: said.space, word: said.word });
  else if (said.said === "heard") into.heard.push(said);
  else if (said.said === "correcting") into.doubtful.add(said.id);
  else into.corrected.add(said.id);
};

/** Starts a writer and kills it `lifeMs` after its first acknowledgement. Resolves to how many it gave. */
export const runWriter = (
  folder: string,
  writerName: string,
  spaces: readonly string[],
  lifeMs: number,
  into: Acknowledged,
): Promise<number> =>
  runUntilKilled("./crash-worker.ts", [folder, writerName, ...spaces], lifeMs, (said) => note(into, said as Said));

const askFor = async (engine: Engine, space: string, query: string, word: string, include: "memories" | "sessions") => {
  const vector = query === word ? new Float32Array(engineEmbedder.model.dimensions) : meaningOf(word);
  const more = { limit: 3, minRelevance: 0.05, now: Date.now() };
  const { hits } = await engine.read(space).recall({ query, vector, include, ...more });
  return hits;
};

/** What is missing or wrong, in words; empty when everything acknowledged is as it should be. */
export const findLosses = async (
  engine: Engine,
  spaces: readonly string[],
  acknowledged: Acknowledged,
): Promise<readonly string[]> => {
  const losses: string[] = [];
  const { stored, corrected, doubtful, heard } = acknowledged;
  for (const [id, { space, word }] of stored) {
    const memory = await engine.read(space).get(id);
    const found = async (query: string): Promise<boolean> =>
      (await askFor(engine, space, query, word, "memories")).some(
        (hit) => hit.type === "memory" && hit.memory.id === id,
      );
    if (corrected.has(id)) {
      if ((memory?.supersededBy ?? null) === null || (await found(word)) || (await found("unheard")))
        losses.push(`${id} was corrected and came back`);
      continue;
    }
    const by = memory?.supersededBy ?? null;
    if (by !== null && doubtful.has(id)) {
      if ((await engine.read(space).get(by)) === null) losses.push(`${id} is neither here nor corrected`);
      continue;
    }
    if (memory?.content !== textOf(word)) losses.push(`${id} is lost`);
    if (!(await found(word))) losses.push(`${id} is not found by its word`);
    if (!(await found("unheard"))) losses.push(`${id} is not found by its meaning`);
  }
  for (const { space, session, word } of heard) {
    const hits = await askFor(engine, space, word, word, "sessions");
    if (!hits.some((hit) => hit.type === "session" && hit.chunk.content.includes(word)))
      losses.push(`${word} of ${session} is lost`);
  }
  for (const space of spaces) {
    for (const { code, message } of await engine.check(space)) losses.push(`${space}: ${code}: ${message}`);
    const counters = (await engine.read(space).changes(0, 1_000_000)).map(({ dot }) => dot.counter);
    if (counters.some((counter, at) => counter !== at + 1)) losses.push(`${space}: the log has a gap or a repeat`);
  }
  return losses;
};

export interface CrashRound {
  /** Or the address of a database. */
  readonly folder: string;
  readonly spaces: readonly string[];
  readonly round: number;
  /** From the first acknowledgement to the kill, for each of the writers. */
  readonly livesMs: readonly number[];
  /** Waits for what a database may still do for those that were killed. */
  readonly settled?: () => Promise<void>;
}

/** One round: what was acknowledged in it, and what of that is missing afterwards. */
export const runCrashRound = async ({ folder, spaces, round, livesMs, settled }: CrashRound) => {
  const acknowledged = nothingAcknowledged();
  const writers = livesMs.map((lifeMs, at) => runWriter(folder, `r${round}w${at}`, spaces, lifeMs, acknowledged));
  await Promise.all(writers);
  await settled?.();
  const engine = openEngineAt(folder, 0);
  try {
    const losses = await findLosses(engine, spaces, acknowledged);
    const unnoted = await Promise.all(spaces.map((space) => findUnnoted(engine, space)));
    return { acknowledged, losses: [...losses, ...unnoted.flat()] };
  } finally {
    await engine.close();
  }
};
