/** The port of the directory as far as spaces go: which spaces exist, by id and by name. */
import type { Millis } from "@cairn/kernel/clock";
import type { RerankMode } from "@cairn/memory/recall/reranker";

export interface SpaceRecord {
  readonly id: string;
  /** Unique, compared without regard to case; 1..100 characters. */
  readonly name: string;
  readonly description: string | null;
  /** How recalls from it are ordered again when the call does not say (REC-4); null: as the server is set. */
  readonly rerank: RerankMode | null;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
}

export interface NewSpace {
  readonly name: string;
  readonly description: string | null;
  readonly rerank?: RerankMode | null;
}

/** What is absent stays as it is. */
export type SpaceChange = Partial<NewSpace>;

/** The space of calls that name none. It always exists, under this id in every directory, and keeps its name. */
export const defaultSpaceName = "default";
export const defaultSpaceId = "00000000-0000-7000-8000-000000000001";

export interface SpaceDirectory {
  /** By id or by name; `default` always exists. */
  readonly resolve: (nameOrId: string) => Promise<SpaceRecord | null>;
  readonly list: () => Promise<readonly SpaceRecord[]>;
  /** Throws space.name_taken. */
  readonly create: (space: NewSpace) => Promise<SpaceRecord>;
  /** Throws space.not_found, space.name_taken. */
  readonly update: (id: string, change: SpaceChange) => Promise<SpaceRecord>;
  readonly remove: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}
