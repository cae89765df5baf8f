/** Embedding before a write, outside any transaction. What cannot be embedded is stored without vectors: words find it. */
import { isCairnError } from "@cairn/kernel/error";
import type { Embedder, PassageText, PassageVectors } from "@cairn/memory/embedding/embedder";

/** The vectors of each passage, in order; none for any of them while the embedder is unavailable. */
export const embedForStorage = async (
  embedder: Embedder,
  passages: readonly PassageText[],
): Promise<readonly PassageVectors[]> => {
  if (passages.length === 0) return [];
  try {
    // Callers hand over whole memories; the embedder, which may be another thread, gets what it reads.
    return await embedder.embedPassages(
      passages.map(({ content, author, occurredAt }) => ({ content, author, occurredAt })),
    );
  } catch (error) {
    if (isCairnError(error) && error.code === "embedding.unavailable") return passages.map(() => []);
    throw error;
  }
};
