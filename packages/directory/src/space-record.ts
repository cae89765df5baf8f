/** Rows of `spaces` as records, and back. */
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { visibilities, type Visibility } from "@cairn/memory/permission/permission";
import { type RerankMode, rerankModes } from "@cairn/memory/recall/reranker";
import { type MovePhase, movePhases, type Placement, type SpaceMove } from "./placement.ts";
import type { SpaceRecord } from "./space-directory.ts";
import { uniqueKey } from "./space-name.ts";
import type { SpacesTable } from "./tables.ts";

const modeOf = (text: string | null): RerankMode | null => rerankModes.find((mode) => mode === text) ?? null;

/** One of a later version is kept as narrow as it goes. */
const visibilityOf = (text: string | null): Visibility =>
  text === null ? "organisation" : (visibilities.find((one) => one === text) ?? "private");

/** A phase of a later version: what this one does not understand must not be written to. */
const phaseOf = (text: string): MovePhase => movePhases.find((phase) => phase === text) ?? "paused";

const moveOf = ({ move_phase, move_from, move_to, move_started_at }: SpacesTable): SpaceMove | null =>
  move_phase === null
    ? null
    : Object.freeze({ from: move_from, to: move_to, phase: phaseOf(move_phase), startedAt: move_started_at ?? 0 });

export const toRecord = (row: SpacesTable): SpaceRecord =>
  Object.freeze({
    id: row.id,
    organisation: row.organisation ?? homeOrganisation,
    visibility: visibilityOf(row.visibility),
    owner: row.owner,
    name: row.name,
    description: row.description,
    rerank: modeOf(row.rerank),
    cell: row.cell,
    epoch: row.epoch,
    move: moveOf(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });

export const placementColumns = ({ cell, move }: Placement) => ({
  cell,
  move_from: move?.from ?? null,
  move_to: move?.to ?? null,
  move_phase: move?.phase ?? null,
  move_started_at: move?.startedAt ?? null,
});

export const toRow = (record: SpaceRecord): SpacesTable => ({
  id: record.id,
  name: record.name,
  name_key: uniqueKey(record.organisation, record.name),
  organisation: record.organisation,
  visibility: record.visibility,
  owner: record.owner,
  description: record.description,
  rerank: record.rerank,
  created_at: record.createdAt,
  updated_at: record.updatedAt,
  epoch: record.epoch,
  ...placementColumns(record),
});
