/** What a memory says about the world: entities, relations and claims, kept beside it and dropped with it. */
import { normalizeEntity } from "../entity/normalize.ts";
import { type Claim, contradicts } from "../memory/contradiction.ts";
import type { Memory } from "../memory/memory.ts";
import type { Reading } from "../memory/reading.ts";
import type { KnowledgeStore } from "./write-store.ts";

const mostConflicts = 32;

const entityId = (store: KnowledgeStore, norm: string, name: string, type: string): number => {
  const known = store.entity(norm);
  if (known === null) return store.insertEntity(norm, name, type);
  if (known.type === "other" && type !== "other") store.setEntityType(known.id, type);
  return known.id;
};

export interface Knowledge {
  /** Normalised names of what the memory is about, for the entity filter. */
  readonly entities: readonly string[];
  /** Returns whether a stored memory contradicts it. */
  readonly write: (row: number) => boolean;
}

/** Finds what the reading of a memory's text says; `write` stores it for the memory's row. */
export const knowledgeOf = (store: KnowledgeStore, memory: Memory, reading: Reading): Knowledge => {
  const found = reading.extraction;
  const named = found.entities;
  const given = memory.entity === null ? null : normalizeEntity(memory.entity);
  const norms = new Set(named.map((entity) => entity.normalized));
  if (given !== null && given !== "") norms.add(given);
  const write = (row: number): boolean => {
    const ids = new Map<string, number>();
    for (const { normalized: norm, name, type, aliases } of named) {
      const id = entityId(store, norm, name, type);
      ids.set(norm, id);
      for (const alias of aliases) store.addAlias(normalizeEntity(alias), id, row, alias);
    }
    if (given !== null && given !== "" && !ids.has(given))
      ids.set(given, entityId(store, given, memory.entity ?? given, "other"));
    for (const id of ids.values()) store.addMention(id, row);
    for (const relation of found.relations) {
      const source = ids.get(normalizeEntity(relation.subject));
      const target = ids.get(normalizeEntity(relation.object));
      if (source !== undefined && target !== undefined) store.addRelation(source, target, relation.type, row);
    }
    return writeClaims(store, reading.claims, row);
  };
  return { entities: [...norms], write };
};

const writeClaims = (store: KnowledgeStore, claims: readonly Claim[], row: number): boolean => {
  let linked = 0;
  for (const claim of claims) {
    const { entity, attribute, value, negated } = claim;
    for (const other of store.claimsOn(entity, attribute, row)) {
      if (linked >= mostConflicts) break;
      if (!contradicts(claim, { entity, attribute, value: other.value, negated: other.negated })) continue;
      store.addConflict(row, other.memory);
      linked++;
    }
    store.addClaim(row, entity, attribute, value, negated);
  }
  return linked > 0;
};

/** Forgets what a memory said; entities that nothing names any more go with it. */
export const dropKnowledge = (store: KnowledgeStore, row: number): void => {
  const named = store.mentionsOf(row);
  store.dropKnowledge(row);
  for (const entity of named) if (!store.isMentioned(entity)) store.deleteEntity(entity);
};
