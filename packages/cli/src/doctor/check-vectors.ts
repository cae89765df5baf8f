/** Which model a space is of, how many texts wait for their vectors, and how far a change of model has come. */
import type { VectorState } from "@cairn/memory/space/engine";
import type { Services } from "@cairn/operations/context";
import { type Finding, note, problem } from "./finding.ts";

const repairCommand = "cairn doctor --repair";
const inBackground = `A running server does it in the background; ${repairCommand} does it now`;

const percent = (missing: number, of: number): number => (of === 0 ? 100 : Math.floor(100 * (1 - missing / of)));

/** A space of another model than the configured one works as before, as long as there is an embedder of its own. */
const otherModel = async (
  check: string,
  { model, documents, next }: VectorState,
  { embedder, embedderOf, changesModels }: Services,
): Promise<readonly Finding[]> => {
  if (model === null) return [];
  if (next !== null) {
    const done = `${percent(next.missing, documents)} % done, ${next.missing} of ${documents} texts to go`;
    return [note(check, `It changes from ${model.id} to ${next.model.id}: ${done}.`, inBackground)];
  }
  if (model.id === embedder.model.id) return [];
  const named = `Its vectors are of ${model.id}, the settings name ${embedder.model.id}`;
  if (!changesModels) return [];
  if ((await embedderOf(model.id)) !== null) return [note(check, `${named}: it will change over.`, inBackground)];
  const message = `${named}, and there is no embedder of the old model: recall goes by words until it has changed over.`;
  return [problem(check, message, repairCommand)];
};

export const checkVectors = async (
  check: string,
  space: string,
  services: Services,
  unavailable: string | null,
): Promise<readonly Finding[]> => {
  const state = await services.engine.read(space).vectorState();
  const findings = await otherModel(check, state, services);
  if (unavailable === null) return findings;
  return [...findings, problem(check, unavailable, "See what `cairn embedder test` says, then repair again")];
};

/** Texts that hold nothing the embedder knows, such as a lone emoji, have no vector and need none. */
export const needNone = async ({ engine, embedder }: Services, space: string): Promise<boolean> => {
  const { model, missing } = await engine.read(space).vectorState();
  const texts = await engine.read(space).missingVectors(200);
  if (model?.id !== embedder.model.id || missing > texts.length) return false;
  const said = texts.filter(({ passage }) => passage.content.trim() !== "").map(({ passage }) => passage);
  try {
    const vectors = said.length === 0 ? [] : await embedder.embedPassages(said, { tenant: space });
    return vectors.every((own) => own.length === 0);
  } catch {
    // An embedder that does not answer is told of elsewhere; until it does, texts count as waiting.
    return false;
  }
};
