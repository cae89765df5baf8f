import { type RerankMode, rerankModes } from "@cairn/memory/recall/reranker";
import type { SpaceRecord } from "./space-directory.ts";
import type { SpacesTable } from "./tables.ts";

const modeOf = (text: string | null | undefined): RerankMode | null =>
  rerankModes.find((mode) => mode === text) ?? null;

export const toRecord = (row: SpacesTable): SpaceRecord =>
  Object.freeze({
    id: row.id,
    name: row.name,
    description: row.description,
    rerank: modeOf(row.rerank),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  });
