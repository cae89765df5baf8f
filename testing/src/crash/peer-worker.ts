/**
 * Another process on the same data folder, driven by messages from the one that started it: it stores what it is told,
 * or answers whether it finds a word. Arguments: data folder, space.
 */
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import { type Draft, engineEmbedder, itemOf, memoryOf } from "../engine/world.ts";

export type PeerRequest =
  | { readonly ask: "remember"; readonly drafts: readonly Draft[] }
  | { readonly ask: "find"; readonly word: string }
  | { readonly ask: "close" };
export type PeerAnswer = { readonly ids: readonly string[] } | { readonly failed: string };

const [folder, space] = process.argv.slice(2);
const tell = (answer: PeerAnswer): void => {
  if (process.connected) process.send?.(answer);
};
if (folder !== undefined && space !== undefined) {
  const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
  const answer = async (request: PeerRequest): Promise<readonly string[]> => {
    switch (request.ask) {
      case "remember": {
        const ids: string[] = [];
        for (const draft of request.drafts) {
          const [outcome] = await engine
            .write(space, { principal: "peer", instance: "peer" })
            .remember([await itemOf(draft)], false);
          ids.push(memoryOf(outcome).id);
        }
        return ids;
      }
      case "find": {
        const query = { query: request.word, vector: new Float32Array(64), limit: 50, minRelevance: 0.05 };
        const { hits } = await engine.read(space).recall({ ...query, include: "memories", now: Date.now() });
        return hits.flatMap((hit) => (hit.type === "memory" ? [hit.memory.id] : []));
      }
      case "close":
        await engine.close();
        process.disconnect();
        return [];
    }
  };
  process.on("message", (request: PeerRequest) => {
    answer(request).then(
      (ids) => tell({ ids }),
      (error: unknown) => tell({ failed: String(error) }),
    );
  });
}
