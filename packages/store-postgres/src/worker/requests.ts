/** Every write that crosses to a storage thread, by name, as what it does in a space. */
import type { RememberItem, RememberOutcome, SpaceWriter } from "@cairn/memory/space/engine";
import { notesOfCalls } from "@cairn/memory/write/notes";
import type { Gathered } from "@cairn/store/threads/gather";
import { plainError, toCairnError } from "@cairn/kernel/error";
import type { Steps, WriteContext } from "@cairn/memory/write/context";
import { takeVectors } from "@cairn/memory/write/document-vectors";
import { noteExtraction } from "@cairn/memory/write/extraction";
import { rememberAll, rememberTogether } from "@cairn/memory/write/remember";
import { correct, forget, release, restore, update } from "@cairn/memory/write/revise";
import { ingestSession } from "@cairn/memory/write/sessions";
import type { Projections } from "../space/projections.ts";
import { dropRemains, prepareModel, switchModel } from "../write/change-model.ts";
import { dropWords } from "../write/erased-words.ts";
import { dropNotes } from "../write/notes.ts";
import { write, type Writing } from "../write/run-rule.ts";
import { sweep } from "../write/sweep.ts";

type Writes = {
  readonly [Name in keyof SpaceWriter]: (
    writing: Writing,
    projections: Projections,
    ...args: Parameters<SpaceWriter[Name]>
  ) => ReturnType<SpaceWriter[Name]>;
};

/** Items of a batch that is not atomic are committed in portions, so that no lock is held for long. */
const portion = 500;
const vectorPortion = 200;

/** A rule without steps. */
const at = <T>(rule: (context: WriteContext) => T) =>
  // eslint-disable-next-line require-yield
  function* (context: WriteContext): Steps<T> {
    return rule(context);
  };

/** Calls that came together, in one transaction. */
export const rememberGathered = (writing: Writing, { items, calls }: Gathered): Promise<readonly RememberOutcome[]> =>
  write(
    writing,
    (context) => rememberAll(context, items),
    (outcomes) => notesOfCalls(calls, outcomes),
  );

const rememberEach = async (writing: Writing, items: readonly RememberItem[]): Promise<readonly RememberOutcome[]> => {
  const outcomes: RememberOutcome[] = [];
  for (let from = 0; from < items.length; from += portion) {
    const some = items.slice(from, from + portion);
    try {
      const calls = [{ count: some.length, note: writing.actor.note }];
      outcomes.push(...(await rememberGathered(writing, { items: some, calls })));
    } catch (error) {
      // What earlier portions stored must be told, so that a call half done does not look like one that did nothing.
      if (from === 0) throw error;
      outcomes.push(...items.slice(from).map(() => ({ status: "failed" as const, error: plainError(error) })));
      break;
    }
  }
  return outcomes;
};

export const writes: Writes = {
  remember: (writing, _projections, items, atomic) =>
    atomic ? write(writing, (context) => rememberTogether(context, items)) : rememberEach(writing, items),
  update: (writing, _projections, change) =>
    write(
      writing,
      at((context) => update(context, change)),
    ),
  correct: (writing, _projections, correction) =>
    write(
      writing,
      at((context) => correct(context, correction)),
    ),
  forget: async (writing, projections, id, options) => {
    await write(
      writing,
      at((context) => forget(context, id, options)),
    );
    if (!options.purge) return;
    // It is forgotten. The words are noted: where a space that moves away arrives, the next sweep drops them.
    await dropWords(writing, projections).catch((error: unknown) => {
      if (toCairnError(error).code !== "space.moved") throw error;
    });
  },
  restore: (writing, _projections, id, version) =>
    write(
      writing,
      at((context) => restore(context, id, version)),
    ),
  release: (writing, _projections, id, expectedVersion) =>
    write(
      writing,
      at((context) => release(context, id, expectedVersion)),
    ),
  ingestSession: (writing, _projections, ingest, vectors, model) =>
    write(writing, (context) => ingestSession(context, ingest, vectors, model)),
  noteExtraction: (writing, _projections, step) => write(writing, (context) => noteExtraction(context, step)),
  setVectors: async (writing, _projections, model, items) => {
    let taken = 0;
    for (let from = 0; from < items.length; from += vectorPortion)
      taken += await write(writing, (context) => takeVectors(context, model, items.slice(from, from + vectorPortion)));
    return taken;
  },
  prepareModel: async (writing, _projections, model) => {
    await prepareModel(writing, model);
    while (await dropRemains(writing));
  },
  switchModel: async (writing, _projections, model) => {
    const switched = await switchModel(writing, model);
    if (switched) while (await dropRemains(writing));
    return switched;
  },
  sweep: (writing, projections, options) => sweep(writing, projections, options),
  dropNotes: (writing, _projections, ids) => dropNotes(writing, ids),
};
