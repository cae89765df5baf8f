import type { SpaceRecord } from "./space-directory.ts";
import type { SpacesTable } from "./tables.ts";

export const toRecord = (row: SpacesTable): SpaceRecord =>
  Object.freeze({
    id: row.id,
    name: row.name,
    description: row.description,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  });
