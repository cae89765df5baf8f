/**
 * Brings one space's vectors up to date: texts that lack them get them, and a space of another model than the
 * configured one changes over (EMB-6). Everything that says what is left to do is in the space's file, so this may end
 * anywhere, be begun again, and be done by two processes at once: what both make is taken once.
 */
import { isCairnError, toCairnError } from "@cairn/kernel/error";
import type { Embedder, PassageText, PassageVectors } from "@cairn/memory/embedding/embedder";
import type { MissingVectors, VectorState } from "@cairn/memory/space/engine";
import type { Services } from "@cairn/operations/context";

export type FillServices = Pick<Services, "engine" | "embedder" | "embedderOf" | "changesModels" | "settings">;

export interface FillOptions {
  readonly signal?: AbortSignal;
  /** Told after each portion how many texts have got vectors. */
  readonly progress?: (filled: number) => Promise<void>;
  /** Asked before a change of model is begun or called off; one that is under way to the configured model goes on. */
  readonly mayChange?: () => boolean;
  /** Texts that are embedded and stored at a time. */
  readonly portion?: number;
}

export interface Filled {
  /** How many texts got vectors, counted once for each model. */
  readonly filled: number;
  /** The space is of another model than before. */
  readonly changed: boolean;
  /** What one text could not be embedded for; the others were. */
  readonly refused: readonly Error[];
}

const attemptsToSwitch = 50;

/** Whether there is anything to do. */
export const needsFilling = (
  { model, missing, next }: VectorState,
  { embedder, changesModels }: Pick<FillServices, "embedder" | "changesModels">,
): boolean => model !== null && (missing > 0 || (changesModels && (next !== null || model.id !== embedder.model.id)));

const isUnavailable = (error: unknown): boolean => isCairnError(error) && error.code === "embedding.unavailable";

export const fillSpace = async (
  services: FillServices,
  space: string,
  { signal, progress = async () => undefined, mayChange = () => true, portion = 64 }: FillOptions = {},
): Promise<Filled> => {
  const { engine, embedder: configured, embedderOf, settings } = services;
  const reader = engine.read(space);
  const writer = engine.write(space, { principal: "cairn", instance: settings.instance });
  const use = { tenant: space, ...(signal === undefined ? {} : { signal }) };
  const refused = new Map<number, Error>();
  let filled = 0;

  /** An embedder need not take empty texts: they say nothing to any model. */
  const embed = async (embedder: Embedder, passages: readonly PassageText[]): Promise<readonly PassageVectors[]> => {
    const said = passages.filter(({ content }) => content.trim() !== "");
    const vectors = (said.length === 0 ? [] : await embedder.embedPassages(said, use)).values();
    return passages.map((passage) => (said.includes(passage) ? (vectors.next().value ?? []) : []));
  };
  /** Null for a text that the embedder does not take, so that it does not keep the others from their vectors. */
  const embedEach = (embedder: Embedder, missing: readonly MissingVectors[]) =>
    Promise.all(
      missing.map(async ({ document, passage }) => {
        try {
          return (await embed(embedder, [passage]))[0] ?? [];
        } catch (error) {
          if (isUnavailable(error) || signal?.aborted === true) throw error;
          refused.set(document, toCairnError(error));
          return null;
        }
      }),
    );
  const embedMissing = async (embedder: Embedder, missing: readonly MissingVectors[]) => {
    try {
      return await embed(
        embedder,
        missing.map(({ passage }) => passage),
      );
    } catch (error) {
      if (isUnavailable(error) || signal?.aborted === true) throw error;
      return embedEach(embedder, missing);
    }
  };

  const fillModel = async (embedder: Embedder): Promise<void> => {
    const { id } = embedder.model;
    for (let before = -1; ;) {
      signal?.throwIfAborted();
      const missing = (await reader.missingVectors(portion + refused.size, id)).filter(
        ({ document }) => !refused.has(document),
      );
      const first = missing[0];
      if (first === undefined) return;
      const vectors = await embedMissing(embedder, missing);
      const items = missing.flatMap(({ document }, at) => {
        const own = vectors[at] ?? null;
        return own === null ? [] : [{ document, vectors: own }];
      });
      const [why] = refused.values();
      // One text may be at fault for itself; when none of many is taken, it is not the texts.
      if (items.length === 0 && missing.length > 1 && why !== undefined) throw why;
      const taken = items.length === 0 ? 0 : await writer.setVectors(id, items);
      filled += taken;
      await progress(filled);
      // What another process gave first is not asked for again; what is asked for again nobody takes.
      if (taken === 0 && items.length > 0 && first.document === before) return;
      before = first.document;
    }
  };

  const changeOver = async (): Promise<boolean> => {
    for (let attempt = 0; attempt < attemptsToSwitch; attempt++) {
      await fillModel(configured);
      if (await writer.switchModel(configured.model.id)) return true;
      // Something was written in between, or the change was called off, or a text is refused.
      const { next } = await reader.vectorState();
      if (next?.model.id !== configured.model.id || next.missing <= refused.size) return false;
    }
    return false;
  };

  const { model, missing, next } = await reader.vectorState();
  if (model === null) return { filled: 0, changed: false, refused: [] };
  const isConfigured = model.id === configured.model.id;
  const own = isConfigured ? configured : await embedderOf(model.id);
  // One that is to be replaced need not be there any more, nor does it keep its successor waiting.
  if (missing > 0 && own !== null) {
    await fillModel(own).catch((error: unknown) => {
      if (isConfigured || !isUnavailable(error)) throw error;
    });
  }
  const underWay = !isConfigured && next?.model.id === configured.model.id;
  const isDue = services.changesModels && (!isConfigured || next !== null);
  let changed = false;
  if (isDue && (underWay || mayChange())) {
    // To the space's own model this calls a change off.
    if (!underWay) await writer.prepareModel(configured.model);
    changed = !isConfigured && (await changeOver());
  }
  return { filled, changed, refused: [...refused.values()] };
};
