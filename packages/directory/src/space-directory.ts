/** The port of the directory as far as spaces go: which spaces exist, by id and by name. */
import type { Millis } from "@cairn/kernel/clock";

export interface SpaceRecord {
  readonly id: string;
  /** Unique, compared without regard to case; 1..100 characters. */
  readonly name: string;
  readonly description: string | null;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
}

/** The space of calls that name none. It always exists, under this id in every directory, and keeps its name. */
export const defaultSpaceName = "default";
export const defaultSpaceId = "00000000-0000-7000-8000-000000000001";

export interface SpaceDirectory {
  /** By id or by name; `default` always exists. */
  readonly resolve: (nameOrId: string) => Promise<SpaceRecord | null>;
  readonly list: () => Promise<readonly SpaceRecord[]>;
  /** Throws space.name_taken. */
  readonly create: (space: { readonly name: string; readonly description: string | null }) => Promise<SpaceRecord>;
  /** Throws space.not_found, space.name_taken. */
  readonly update: (
    id: string,
    change: { readonly name?: string; readonly description?: string | null },
  ) => Promise<SpaceRecord>;
  readonly remove: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}
