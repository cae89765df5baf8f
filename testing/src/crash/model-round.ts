/** Rounds of: processes write to a space and change its model, are killed, and what is left is whole and goes on. */
import type { Engine } from "@cairn/memory/space/engine";
import type { ModelSaid } from "./model-worker.ts";
import { openEngineAt } from "./open-engine.ts";
import { runUntilKilled } from "./run-until-killed.ts";
import { changeModel, fillModel, meaningTo, twoModels } from "./two-models.ts";

export interface ModelRound {
  /** Or the address of a database. */
  readonly folder: string;
  readonly space: string;
  readonly round: number;
  /** From the first line to the kill, for each of the processes. */
  readonly livesMs: readonly number[];
  /** Contents by memory id, of this round and those before. */
  readonly stored: Map<string, string>;
  /** Waits for what a database may still do for those that were killed. */
  readonly settled?: () => Promise<void>;
}

/** Memories whose stored vector is not the one that the space's model makes of their text. */
const mixed = async (
  engine: Engine,
  space: string,
  stored: ReadonlyMap<string, string>,
): Promise<readonly string[]> => {
  const ids = [...stored.keys()];
  const [{ model }, vectors] = await Promise.all([engine.read(space).vectorState(), engine.read(space).vectors(ids)]);
  return ids.filter((id, at) => {
    const own = vectors[at];
    const right = meaningTo(model?.id ?? "", stored.get(id) ?? "");
    return (
      own !== null && own !== undefined && (own.length !== 1 || own[0]!.some((value, axis) => value !== right[axis]))
    );
  });
};

const unfound = async (engine: Engine, space: string, stored: ReadonlyMap<string, string>, model: string) => {
  const lost: string[] = [];
  for (const [id, content] of stored) {
    const asked = { vector: meaningTo(model, content), vectorModel: model, limit: 1, minRelevance: 0.05 };
    const { hits } = await engine
      .read(space)
      .recall({ query: "unheard", include: "memories", now: Date.now(), ...asked });
    if (!hits.some((hit) => hit.type === "memory" && hit.memory.id === id)) lost.push(id);
  }
  return lost;
};

/** What is wrong afterwards, in words; empty when a change that was cut off anywhere can go on. */
export const runModelRound = async ({ folder, space, round, livesMs, stored, settled }: ModelRound) => {
  let changes = 0;
  const note = (line: unknown): void => {
    const said = line as ModelSaid;
    if (said.said === "stored") stored.set(said.id, said.content);
    else changes++;
  };
  await Promise.all(
    livesMs.map((lifeMs, at) => runUntilKilled("./model-worker.ts", [folder, `r${round}w${at}`, space], lifeMs, note)),
  );
  await settled?.();
  const engine = openEngineAt(folder, 0);
  const wrong: string[] = [];
  try {
    for (const { code, message } of await engine.check(space)) {
      if (code !== "vectors.missing") wrong.push(`${code}: ${message}`);
    }
    wrong.push(...(await mixed(engine, space, stored)).map((id) => `${id} has another model's vector`));
    const { model } = await engine.read(space).vectorState();
    await fillModel(engine, space, model?.id ?? "");
    wrong.push(...(await unfound(engine, space, stored, model?.id ?? "")).map((id) => `${id} is not found`));
    const other = twoModels.find(({ id }) => id !== model?.id) ?? twoModels[0];
    if (!(await changeModel(engine, space, other))) wrong.push("the change does not come to its end");
    wrong.push(...(await unfound(engine, space, stored, other.id)).map((id) => `${id} is not found after the change`));
    for (const { code, message } of await engine.check(space)) wrong.push(`${code}: ${message}`);
  } finally {
    await engine.close();
  }
  return { changes, wrong };
};
