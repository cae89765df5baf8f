/**
 * The models of a space: its own, whose vectors questions are compared with, and while it changes over the next one
 * (EMB-6). Both are rows of `meta`, so that every process and every snapshot agrees on them.
 */
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { ModelPair, VectorSlot } from "@cairn/memory/write/write-store";
import { mostDimensions } from "@cairn/store/arena/quantize";
import type { Statement } from "../open-database.ts";

type Prepare = (sql: string) => Statement;

export interface SpaceModels extends ModelPair {
  /** Rises with every switch: vectors that were read before it are another model's. */
  readonly epoch: number;
}

/** Where one of the two sets of vectors lies: its tables, and `next` as the tables have it. */
export interface SlotTables {
  readonly q8: string;
  readonly v: string;
  readonly next: 0 | 1;
}

export const tablesOf: Readonly<Record<VectorSlot, SlotTables>> = {
  own: { q8: "q8", v: "v", next: 0 },
  next: { q8: "next_q8", v: "next_v", next: 1 },
};

type Role = "embedding" | "next";
const epochKey = "vector_epoch";
const select = `SELECT key, value FROM meta WHERE key IN (
  'embedding_model', 'embedding_dimensions', 'embedding_provider', 'next_model', 'next_dimensions', 'next_provider', '${epochKey}')`;

const modelIn = (meta: ReadonlyMap<string, string>, role: Role): EmbeddingModel | null => {
  const id = meta.get(`${role}_model`);
  if (id === undefined) return null;
  const dimensions = Number(meta.get(`${role}_dimensions`));
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > mostDimensions) {
    throw new CairnError("storage.corrupt", "This space's file does not say what vectors it holds: it is damaged.");
  }
  return { id, dimensions, provider: meta.get(`${role}_provider`) ?? "" };
};

/** As `prepare`'s connection sees them. Throws storage.corrupt. */
export const modelsOf = (prepare: Prepare): SpaceModels => {
  const meta = new Map(prepare(select).raw().all() as [string, string][]);
  return {
    own: modelIn(meta, "embedding"),
    next: modelIn(meta, "next"),
    epoch: Number(meta.get(epochKey) ?? 0),
  };
};

/** The sets in use, each with its model. */
export const modelSlots = ({
  own,
  next,
}: SpaceModels): readonly { readonly slot: SlotTables; readonly model: EmbeddingModel }[] => [
  ...(own === null ? [] : [{ slot: tablesOf.own, model: own }]),
  ...(next === null ? [] : [{ slot: tablesOf.next, model: next }]),
];

const setMeta = (write: Prepare, key: string, value: string): void => {
  write("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(
    key,
    value,
  );
};

/** Inside a write transaction; null forgets it. */
export const noteModel = (write: Prepare, role: Role, model: EmbeddingModel | null): void => {
  write("DELETE FROM meta WHERE key IN (?, ?, ?)").run(`${role}_model`, `${role}_dimensions`, `${role}_provider`);
  if (model === null) return;
  setMeta(write, `${role}_model`, model.id);
  setMeta(write, `${role}_dimensions`, String(model.dimensions));
  setMeta(write, `${role}_provider`, model.provider);
};

/** Inside the transaction after which vectors read before are another model's. */
export const raiseEpoch = (write: Prepare): void => setMeta(write, epochKey, String(modelsOf(write).epoch + 1));
