/**
 * Changing a space's model while it is used (EMB-6). Each model's vectors are a generation of their own; when no text
 * lacks one of the next, one short transaction makes the next generation the space's, and every server reads its
 * vectors anew. What an earlier generation leaves is removed some rows at a time.
 */
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { notesOf } from "@cairn/memory/write/notes";
import { vectorRank } from "@cairn/memory/write/write-store";
import { mostDimensions } from "@cairn/store/arena/quantize";
import type { Connection } from "../connection/pool.ts";
import { keepNotes } from "./notes.ts";
import { lockSpace, type Writing } from "./run-rule.ts";

const ofGenerations = ["q8", "f32", "awaiting_vectors", "wordless"] as const;
const removedAtOnce = 2_000;

const checkModel = ({ id, dimensions }: EmbeddingModel): void => {
  const sound = id !== "" && Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= mostDimensions;
  if (sound) return;
  throw new CairnError("request.invalid", `A model has a name and 1 to ${mostDimensions} dimensions.`);
};

const noteNext = (connection: Connection, space: string, model: EmbeddingModel, generation: number) =>
  connection.change(
    `UPDATE space_state SET next_model = $2, next_dimensions = $3, next_provider = $4, next_generation = $5, last_generation = $5
     WHERE space = $1`,
    [space, model.id, model.dimensions, model.provider, generation],
  );
const forgetNext = (connection: Connection, space: string) =>
  connection.change(
    `UPDATE space_state SET next_model = NULL, next_dimensions = NULL, next_provider = NULL, next_generation = NULL
     WHERE space = $1`,
    [space],
  );

/** Of the change that the transaction makes. */
const note = (connection: Connection, { space, actor, clock }: Writing): Promise<void> =>
  keepNotes(connection, space, notesOf(actor), clock());

export const prepareModel = (writing: Writing, model: EmbeddingModel): Promise<void> => {
  checkModel(model);
  const { space } = writing;
  return writing.pool.transaction({ space }, async (connection) => {
    const { own, next, lastGeneration } = await lockSpace(connection, writing);
    if (own?.model.id === model.id) {
      if (next !== null) await Promise.all([forgetNext(connection, space), note(connection, writing)]);
      return;
    }
    if (next?.model.id === model.id && next.model.dimensions === model.dimensions) return;
    const generation = lastGeneration + 1;
    await noteNext(connection, space, model, generation);
    await connection.change(
      `INSERT INTO awaiting_vectors (space, generation, rank, doc)
       SELECT $1, $2, CASE WHEN to_at IS NOT NULL THEN ${vectorRank.closed} WHEN kind = 1 THEN ${vectorRank.memory} ELSE ${vectorRank.chunk} END, n
       FROM docs WHERE space = $1 AND entry IS NOT NULL`,
      [space, generation],
    );
    await note(connection, writing);
  });
};

/** True when questions are compared in `model` afterwards; also when they were already. */
export const switchModel = (writing: Writing, model: string): Promise<boolean> => {
  const { space } = writing;
  return writing.pool.transaction({ space }, async (connection) => {
    const { own, next } = await lockSpace(connection, writing);
    if (own?.model.id === model) return true;
    if (next?.model.id !== model) return false;
    const [waiting] = await connection.query(
      "SELECT 1 AS one FROM awaiting_vectors WHERE space = $1 AND generation = $2 LIMIT 1",
      [space, next.generation],
    );
    if (waiting !== undefined) return false;
    await connection.change(
      `UPDATE space_state SET model = next_model, model_dimensions = next_dimensions, model_provider = next_provider,
         generation = next_generation, next_model = NULL, next_dimensions = NULL, next_provider = NULL, next_generation = NULL
       WHERE space = $1`,
      [space],
    );
    // Every server reads all vectors anew: what came late before this is among them.
    await connection.change("DELETE FROM late_vectors WHERE space = $1", [space]);
    await note(connection, writing);
    return true;
  });
};

/** Removes some of what earlier generations left; false when nothing is left. */
export const dropRemains = (writing: Writing): Promise<boolean> => {
  const { space } = writing;
  return writing.pool.transaction({ space }, async (connection) => {
    const removed = await Promise.all(
      ofGenerations.map((table) =>
        connection.change(
          // The sets that are not used any more are named one by one, so that those in use are not read.
          `DELETE FROM ${table} WHERE space = $1 AND ctid = ANY (ARRAY(
             SELECT t.row FROM space_state s CROSS JOIN LATERAL generate_series(1, s.last_generation) AS g (n)
             CROSS JOIN LATERAL (
               SELECT ctid AS row FROM ${table} WHERE space = $1 AND generation = g.n LIMIT ${removedAtOnce}
             ) t
             WHERE s.space = $1 AND g.n <> s.generation AND g.n IS DISTINCT FROM s.next_generation LIMIT ${removedAtOnce}
           ))`,
          [space],
        ),
      ),
    );
    return removed.some((count) => count > 0);
  });
};
