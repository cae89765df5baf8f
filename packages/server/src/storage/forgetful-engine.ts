/**
 * An engine whose erasing reaches the kept answers too (`@cairn/directory/kept-answers`), from whatever edge or job it
 * comes. Before as well as after: where the first cannot be done nothing is erased yet, and a purge that is tried again
 * after its server died erases the answers although the memory is gone already.
 */
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import type { Engine } from "@cairn/memory/space/engine";

export const forgetfulEngine = (engine: Engine, { forgetSpace }: Pick<KeptAnswers, "forgetSpace">): Engine => {
  const erase = async <Result>(space: string, work: () => Promise<Result>): Promise<Result> => {
    await forgetSpace(space);
    try {
      return await work();
    } finally {
      await forgetSpace(space);
    }
  };
  return {
    ...engine,
    drop: (space) => erase(space, () => engine.drop(space)),
    write: (space, actor) => {
      const writer = engine.write(space, actor);
      return {
        ...writer,
        forget: (id, options) =>
          options.purge ? erase(space, () => writer.forget(id, options)) : writer.forget(id, options),
        sweep: async (bounds) => {
          const outcome = await writer.sweep(bounds);
          if (outcome.purged > 0) await forgetSpace(space);
          return outcome;
        },
      };
    },
  };
};
