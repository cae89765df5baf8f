/**
 * What the estimates of large spaces lose (ENG-7), measured on a space's own memories: their texts are asked as
 * questions, once as usual and once with every cosine computed. By meaning alone is the harder test: words, where they
 * count too, narrow the choice.
 */
import { analyze } from "@cairn/memory/text/analyzer";
import type { CallContext } from "./context.ts";
import { embedderFor } from "./embedding.ts";

export interface FirstPass {
  readonly questions: number;
  /** Of the ten nearest by cosine, the share that was found; 1 where nothing is estimated. NaN without a question. */
  readonly byMeaning: number;
  /** Of the ten best by everything that counts. */
  readonly byAll: number;
}

const best = 10;
/** A stop word is looked up nowhere: the question asks by meaning alone. */
const wordless = "the";

/** `sample` is how many memories are asked about, the newest first. Throws what reading the space throws. */
export const measureFirstPass = async (
  services: Pick<CallContext, "embedder" | "embedderOf" | "engine" | "settings" | "vectorsDue" | "clock">,
  space: string,
  sample: number,
): Promise<FirstPass> => {
  const reader = services.engine.read(space);
  const embedder = await embedderFor(services, space);
  const { items } = await reader.list({ limit: sample });
  const shares: { readonly byMeaning: number; readonly byAll: number }[] = [];
  for (const { content } of embedder === null ? [] : items) {
    // The first words: a whole text is near to nothing but itself.
    const text = content.split(/\s+/u).slice(0, 8).join(" ");
    if (embedder === null || analyze(text).length === 0) continue;
    const vector = await embedder.embedQuery(text, { tenant: space });
    const idsOf = async (query: string, exact: boolean): Promise<readonly string[]> => {
      const { hits } = await reader.recall({
        query,
        vector,
        vectorModel: embedder.model.id,
        limit: best,
        minRelevance: 0,
        include: "memories",
        exact,
        now: services.clock(),
      });
      return hits.flatMap((hit) => (hit.type === "memory" ? [hit.memory.id] : []));
    };
    const shareOf = async (query: string): Promise<number> => {
      const [found, wanted] = [new Set(await idsOf(query, false)), await idsOf(query, true)];
      return wanted.length === 0 ? 1 : wanted.filter((id) => found.has(id)).length / wanted.length;
    };
    shares.push({ byMeaning: await shareOf(wordless), byAll: await shareOf(text) });
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  return {
    questions: shares.length,
    byMeaning: mean(shares.map(({ byMeaning }) => byMeaning)),
    byAll: mean(shares.map(({ byAll }) => byAll)),
  };
};
