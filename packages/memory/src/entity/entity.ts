/** Entities and relations that a text names (MEM-8), as extraction gives them. */
export const entityTypes = [
  "person",
  "place",
  "organization",
  "project",
  "service",
  "file",
  "url",
  "date",
  "identifier",
  "technology",
  "other",
] as const;
export type EntityType = (typeof entityTypes)[number];

export interface ExtractedEntity {
  /** As the text first writes it. */
  readonly name: string;
  /** `normalizeEntity(name)`: the identity of the entity within a space. */
  readonly normalized: string;
  readonly type: EntityType;
  /** Other names of it in the same text, as written. */
  readonly aliases: readonly string[];
}

export interface ExtractedRelation {
  /** Names of two entities of the same extraction. */
  readonly subject: string;
  readonly type: RelationType;
  readonly object: string;
}

export const relationTypes = [
  "uses",
  "depends_on",
  "connects_to",
  "calls",
  "stores_in",
  "works_at",
  "works_on",
  "works_with",
  "studies_at",
  "lives_in",
  "located_in",
  "owns",
  "manages",
  "reports_to",
  "member_of",
  "created",
  "married_to",
  "parent_of",
  "sibling_of",
  "friend_of",
  "knows",
  "part_of",
  "is_a",
  "deployed_on",
  "replaced_by",
  "prefers",
  "likes",
  "dislikes",
] as const;
export type RelationType = (typeof relationTypes)[number];

export const entityLimits = { characters: 20_000, entities: 64, relations: 64, nameCharacters: 200 } as const;

/** A place in the text that names an entity. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly type: EntityType;
}
