/**
 * A process that writes to a space and changes its model there and back until it is killed. It says what was stored and
 * every change that was done. Arguments: data folder or address of a database, a name of this process, space.
 */
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { alice, itemOf, memoryOf } from "../engine/world.ts";
import { textOf } from "./marked-text.ts";
import { openEngineAt } from "./open-engine.ts";
import { changeModel, meaningTo, twoModels } from "./two-models.ts";

export type ModelSaid =
  | { readonly said: "stored"; readonly id: string; readonly content: string }
  | { readonly said: "changed"; readonly model: string };

const say = (said: ModelSaid): void => void writeSync(1, `${JSON.stringify(said)}\n`);

const run = async (folder: string, name: string, space: string): Promise<never> => {
  const engine = openEngineAt(folder, 1);
  const write = async (): Promise<never> => {
    for (let at = 0; ; at++) {
      const content = textOf(`q7${name}x${at.toString(36)}`);
      // Now of the one model, now of the other, now of none: whichever the space is of.
      const model = twoModels[at % 3];
      const vectors = model === undefined ? [] : [meaningTo(model.id, content)];
      const vectorModel = (model ?? twoModels[0]).id;
      const [outcome] = await engine
        .write(space, alice)
        .remember([await itemOf(content, { vectors, vectorModel })], false);
      say({ said: "stored", id: memoryOf(outcome).id, content });
    }
  };
  const change = async (): Promise<never> => {
    for (let turn = 1; ; turn++) {
      const model = twoModels[turn % 2]!;
      if (await changeModel(engine, space, model)) say({ said: "changed", model: model.id });
    }
  };
  return Promise.race([write(), change()]);
};

const [folder, name, space] = process.argv.slice(2);
if (isMainThread && folder !== undefined && name !== undefined && space !== undefined) await run(folder, name, space);
