/** Where a space stands, in one row: what has been written, and in which models' vectors. */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Connection } from "../connection/pool.ts";

/** A model and the set of vectors that are its own. */
export interface ModelGeneration {
  readonly model: EmbeddingModel;
  readonly generation: number;
}

/** Numbers are the last that were given out. */
export interface SpaceState {
  readonly seq: number;
  readonly lastRow: number;
  readonly lastDoc: number;
  readonly lastEntity: number;
  readonly lastName: number;
  readonly lastLate: number;
  /** Documents that are not erased. */
  readonly texts: number;
  /** This log's part in dots; empty where nothing was written. */
  readonly replica: string;
  readonly counter: number;
  /** A hybrid time; null before the first change. */
  readonly clock: string | null;
  readonly analyzer: string;
  /** Null before the first write. */
  readonly own: ModelGeneration | null;
  readonly next: ModelGeneration | null;
  /** The set of vectors that questions are compared with; another number after every switch. */
  readonly epoch: number;
  readonly lastGeneration: number;
  /** The partition with the nearest-neighbour index; 0 where there is none. */
  readonly part: number;
}

interface StateRow {
  readonly seq: number;
  readonly last_row: number;
  readonly last_doc: number;
  readonly last_entity: number;
  readonly last_name: number;
  readonly last_late: number;
  readonly texts: number;
  readonly replica: string;
  readonly counter: number;
  readonly clock: string | null;
  readonly analyzer: string;
  readonly generation: number;
  readonly last_generation: number;
  readonly part: number;
}

export interface ModelRow {
  readonly generation: number;
  readonly model: string | null;
  readonly model_dimensions: number | null;
  readonly model_provider: string | null;
  readonly next_generation: number | null;
  readonly next_model: string | null;
  readonly next_dimensions: number | null;
  readonly next_provider: string | null;
}

/** Of `space_state` as `s`. */
export const modelList =
  "s.generation, s.model, s.model_dimensions, s.model_provider, s.next_generation, s.next_model, s.next_dimensions, s.next_provider";

const modelGeneration = (
  generation: number | null,
  id: string | null,
  dimensions: number | null,
  provider: string | null,
): ModelGeneration | null =>
  id === null || dimensions === null || generation === null
    ? null
    : { generation, model: { id, dimensions, provider: provider ?? "" } };

export const modelsOfRow = (row: ModelRow): Pick<SpaceState, "own" | "next"> => ({
  own: modelGeneration(row.generation, row.model, row.model_dimensions, row.model_provider),
  next: modelGeneration(row.next_generation, row.next_model, row.next_dimensions, row.next_provider),
});

/** What is true of a space that nobody has written to. */
export const emptyState: SpaceState = {
  seq: 0,
  lastRow: 0,
  lastDoc: 0,
  lastEntity: 0,
  lastName: 0,
  lastLate: 0,
  texts: 0,
  replica: "",
  counter: 0,
  clock: null,
  analyzer: "",
  own: null,
  next: null,
  epoch: 1,
  lastGeneration: 1,
  part: 0,
};

/** The names of the columns of `s` that make a state, for statements that read or lock the row. */
export const stateList = `s.seq, s.last_row, s.last_doc, s.last_entity, s.last_name, s.last_late, s.texts, s.replica, s.counter, s.clock, s.analyzer, s.last_generation, s.part, ${modelList}`;

export const stateOfRow = (row: StateRow & ModelRow): SpaceState => ({
  seq: row.seq,
  lastRow: row.last_row,
  lastDoc: row.last_doc,
  lastEntity: row.last_entity,
  lastName: row.last_name,
  lastLate: row.last_late,
  texts: row.texts,
  replica: row.replica,
  counter: row.counter,
  clock: row.clock,
  analyzer: row.analyzer,
  ...modelsOfRow(row),
  epoch: row.generation,
  lastGeneration: row.last_generation,
  part: row.part,
});

/** A space without a row is an empty one: `emptyState`. */
export const stateOf = async (connection: Connection, space: string): Promise<SpaceState> => {
  const [row] = await connection.query<StateRow & ModelRow>(
    `SELECT ${stateList} FROM space_state s WHERE s.space = $1`,
    [space],
  );
  return row === undefined ? emptyState : stateOfRow(row);
};

/** The set of vectors that a model names, in SQL over `s`; NULL where the space holds none of it. */
export const generationNamed = (model: string): string =>
  `CASE WHEN ${model}::text IS NULL OR s.model = ${model} THEN s.generation WHEN s.next_model = ${model} THEN s.next_generation END`;
