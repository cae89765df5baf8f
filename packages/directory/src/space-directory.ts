/**
 * The port of the directory as far as spaces go: which spaces exist, by id and by name, whose they are, and where each
 * is served. A change that comes with a `note` of its call is audited in its transaction (TEN-8). Every adapter passes `testing/src/space-directory-conformance.ts`.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { SpaceAccess } from "@cairn/memory/permission/decide";
import type { RerankMode } from "@cairn/memory/recall/reranker";
import type { Visibility } from "@cairn/memory/permission/permission";
import type { MoveStep, Placement } from "./placement.ts";

export interface SpaceRecord extends Placement, SpaceAccess {
  /** Unique in its organisation, compared without regard to case; 1..100 characters. */
  readonly name: string;
  readonly description: string | null;
  /** How recalls from it are ordered again when the call does not say (REC-4); null: as the server is set. */
  readonly rerank: RerankMode | null;
  /** Rises by one with each change of `cell` or `move`. */
  readonly epoch: number;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
}

export interface NewSpace {
  readonly name: string;
  /** The home organisation when absent. */
  readonly organisation?: string;
  /** `organisation` when absent. */
  readonly visibility?: Visibility;
  /** The principal that a private space belongs to. */
  readonly owner?: string | null;
  readonly description: string | null;
  readonly rerank?: RerankMode | null;
  /** The cell that serves it from the start; null or absent: the default one. */
  readonly cell?: string | null;
}

/** What is absent stays as it is. A space changes its cell by a move only, and its organisation never. */
export type SpaceChange = Partial<Omit<NewSpace, "cell" | "organisation">>;

/** A part of all spaces, in the order of their ids, which is the order in which they were made. */
export interface PageRequest {
  /** The id of the last one seen; null or absent: from the first. */
  readonly after?: string | null;
  /** 1..1,000. */
  readonly limit: number;
}

/**
 * The space of calls that name none: each organisation has one of this name, which it keeps. The home organisation's
 * always exists, under this id in every directory.
 */
export const defaultSpaceName = "default";
export const defaultSpaceId = "00000000-0000-7000-8000-000000000001";

export interface SpaceDirectory {
  /**
   * By id, of whichever organisation, or by its name in this one (the home organisation when absent). Where several servers share a directory, an answer may be older than
   * another server's last change by the time that word of it takes, well under a second.
   */
  readonly resolve: (nameOrId: string, organisation?: string) => Promise<SpaceRecord | null>;
  /** All of an organisation, or of all, by name. Where there may be many, use `page`. */
  readonly list: (organisation?: string) => Promise<readonly SpaceRecord[]>;
  /** Fewer than `limit` are the last. What is made or renamed meanwhile neither hides nor doubles another. Throws request.invalid. */
  readonly page: (request: PageRequest) => Promise<readonly SpaceRecord[]>;
  /** Throws space.name_taken, organisation.not_found. */
  readonly create: (space: NewSpace, note?: AuditEntry) => Promise<SpaceRecord>;
  /** Throws space.not_found, space.name_taken. */
  readonly update: (id: string, change: SpaceChange, note?: AuditEntry) => Promise<SpaceRecord>;
  /**
   * Takes the next step of a move (`placement.ts`), if the space's placement is still the one of `before`; null where
   * another step came first: resolve the space again. Throws space.not_found; request.invalid where the step does not
   * follow.
   */
  readonly advanceMove: (
    before: Pick<SpaceRecord, "id" | "epoch" | keyof Placement>,
    step: MoveStep,
  ) => Promise<SpaceRecord | null>;
  /** Throws space.not_found; storage.busy while the space is being moved. */
  readonly remove: (id: string, note?: AuditEntry) => Promise<void>;
  readonly close: () => Promise<void>;
}
