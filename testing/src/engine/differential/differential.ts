/**
 * ENG-3: the same random history on two engines, every answer compared (compare.ts). Each history has a space of its
 * own; both engines have the clock of the test. `CAIRN_DIFFERENTIAL_RUNS` sets how many histories there are,
 * `CAIRN_DIFFERENTIAL_SEED` begins with those of an earlier run.
 */
import * as require_fs from "node:fs";
import fc from "fast-check";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { alice, type EngineConformance, type OpenedEngine } from "../world.ts";
import { apply } from "./apply.ts";
import { errorFacts, makeCounterparts } from "./compare.ts";
import { actors, nobody, type Side } from "./side.ts";
import { historyOf, type Step } from "./steps.ts";

export interface Pair {
  readonly left: EngineConformance;
  readonly right: EngineConformance;
}

export interface HistoryOptions {
  readonly runs: number;
  /** Steps of a history at most. */
  readonly steps: number;
}

/** Ids that an answer names first, in its order: those of new memories. */
const idsIn = (answer: unknown): readonly string[] => {
  if (typeof answer !== "object" || answer === null) return [];
  const { id, version } = answer as { readonly id?: unknown; readonly version?: unknown };
  if (typeof id === "string" && typeof version === "number") return [id];
  return Object.values(answer).flatMap((inner: unknown) => idsIn(inner));
};

const mostShown = 12;

const writesMemories: ReadonlySet<Step["do"]> = new Set(["remember", "correct", "extract"]);

interface Standing {
  now: number;
  readonly moments: number[];
}

interface Seated extends Side {
  readonly reopen: () => Promise<void>;
  readonly note: (answer: unknown) => void;
}

/** The engine of the moment: a history may close it and open another on the same data. */
interface Kept {
  engine: Engine;
  readonly opened: OpenedEngine;
}

const keep = (opened: OpenedEngine): Kept => ({ engine: opened.engine, opened });

const seat = async (kept: Kept, space: string, standing: Standing): Promise<Seated> => {
  await kept.engine.create(space);
  const ids: string[] = [];
  return {
    get reader() {
      return kept.engine.read(space);
    },
    writer: (actor) => kept.engine.write(space, actors[actor] ?? alice),
    idOf: (target) => ids[target % Math.max(1, ids.length)] ?? nobody,
    ids: () => ids,
    get now() {
      return standing.now;
    },
    get moments() {
      return standing.moments;
    },
    reopen: async () => {
      kept.engine = await kept.opened.reopen();
    },
    note: (answer) => void ids.push(...idsIn(answer).filter((id) => !ids.includes(id))),
  };
};

const answerOf = async (side: Seated, step: Step): Promise<unknown> => {
  if (step.do === "reopen") return side.reopen();
  try {
    const answer = await apply(side, step);
    if (writesMemories.has(step.do)) side.note(answer);
    return answer;
  } catch (error) {
    return errorFacts(error);
  }
};

/** Throws where the two differ, saying at which step and in what. */
const runHistory = async (left: Seated, right: Seated, standing: Standing, steps: readonly Step[]): Promise<void> => {
  const { differencesOf } = makeCounterparts();
  for (const [at, step] of [...steps, { do: "survey", gap: 10 } as const].entries()) {
    standing.now += step.gap;
    standing.moments.push(standing.now);
    const W9 = await answerOf(left, step); w9(step, W9);
    const found = differencesOf(W9, await answerOf(right, step));
    if (found.length > 0)
      throw new Error(`The engines differ at step ${at}, ${step.do}, in ${found.length}:\n${found.slice(0, mostShown).join("\n")}`);
  }
};

const numberFrom = (name: string): number | undefined => {
  const given = process.env[name];
  return given === undefined || given === "" ? undefined : Number(given);
};

/** Throws with the shortest history found on which the engines differ. */
export const compareEngines = async ({ left, right }: Pair, { runs, steps }: HistoryOptions): Promise<void> => {
  const standing = { now: 0, moments: [] as number[] };
  const clock = () => standing.now;
  const [one, other] = [keep(await left.open({ clock })), keep(await right.open({ clock }))];
  const seed = numberFrom("CAIRN_DIFFERENTIAL_SEED");
  try {
    await fc.assert(
      fc.asyncProperty(historyOf(steps), async (history) => {
        standing.now = Date.UTC(2025, 0, 1);
        standing.moments.length = 0;
        const space = newId();
        await runHistory(await seat(one, space, standing), await seat(other, space, standing), standing, history);
      }),
      { numRuns: numberFrom("CAIRN_DIFFERENTIAL_RUNS") ?? runs, unbiased: true, ...(seed !== undefined && { seed }),...(process.env["W9_NOSHRINK"] && {endOnFailure: true}) },
    );
  } finally {
    await one.opened.remove();
    await other.opened.remove(); require_fs.writeFileSync("/tmp/w9-counts.json", JSON.stringify(w9counts));
  }
};

/** One history, as a failure printed it. */
export const replay = async ({ left, right }: Pair, history: readonly Step[]): Promise<void> => {
  const standing = { now: Date.UTC(2025, 0, 1), moments: [] as number[] };
  const clock = () => standing.now;
  const [one, other] = [keep(await left.open({ clock })), keep(await right.open({ clock }))];
  try {
    const space = newId();
    await runHistory(await seat(one, space, standing), await seat(other, space, standing), standing, history);
  } finally {
    await one.opened.remove();
    await other.opened.remove(); require_fs.writeFileSync("/tmp/w9-counts.json", JSON.stringify(w9counts));
  }
};

const w9counts: Record<string, number> = {};
const w9 = (step: any, a: any): void => {
  const note = (k: string) => void (w9counts[k] = (w9counts[k] ?? 0) + 1);
  if (a?.failed) return note(`${step.do} !${a.failed}`);
  if (step.do === "remember") for (const o of a) { note(`remember ${o.status} ${o.status === "failed" ? o.error.code : ""}`); if (o.conflicts?.length) note("remember conflict"); if (o.memory?.quarantined) note("remember quarantined"); if (o.memory?.supersedes) note("remember supersedes"); }
  else if (step.do === "extract") note(`extract ${a.outcome === null ? "null" : a.outcome.length}`);
  else if (step.do === "ingest") note(`ingest ${a.outcome.status} ${a.outcome.chunksCreated > 1 ? "many" : ""}`);
  else if (step.do === "setVectors") note(`setVectors ${a.taken > 0}`);
  else if (step.do === "changeOver") note(`changeOver ${a.switched}`);
  else if (step.do === "switch") note(`switch ${a}`);
  else if (step.do === "ask") { note(`ask ${a.hits.length > 0 ? "some" : "none"}`); if (step.asOf !== null) note(`ask asOf ${a.hits.length > 0 ? "some" : "none"}`); if (a.hits.some((h: any) => h.conflicts?.length)) note("ask conflicts"); if (a.hits.some((h: any) => h.type === "session")) note("ask session"); if (a.hits.some((h: any) => h.neighbours?.length)) note("ask neighbours");}
  else if (step.do === "list") note(`list ${a.flatMap((p: any) => p.items).length > 0 ? "some" : "none"}`);
  else if (step.do === "sweep") { if (a.expired) note("sweep expired"); if (a.purged) note("sweep purged"); if (a.sessions) note("sweep sessions"); }
  else if (step.do === "survey") { note("survey"); w9counts["survey memories"] = (w9counts["survey memories"] ?? 0) + a.memories.filter((m: any) => m.memory).length; w9counts["survey live"] = (w9counts["survey live"] ?? 0) + a.stats.memories;}
  else note(step.do);
};
