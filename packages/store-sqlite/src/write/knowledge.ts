/** What a memory says about the world: entities, relations and claims, kept beside it and dropped with it. */
import { normalizeEntity } from "@cairn/memory/entity/normalize";
import { type Claim, contradicts } from "@cairn/memory/memory/contradiction";
import type { Memory } from "@cairn/memory/memory/memory";
import type { Reading } from "@cairn/memory/memory/reading";
import type { OpenSpace } from "../space/open-space.ts";

const mostConflicts = 32;

const entityId = (space: OpenSpace, norm: string, name: string, type: string): number => {
  const known = space.write("SELECT id, type FROM entities WHERE norm = ?").get(norm) as
    | { id: number; type: string }
    | undefined;
  if (known === undefined) {
    return Number(
      space.write("INSERT INTO entities (norm, name, type) VALUES (?, ?, ?)").run(norm, name, type).lastInsertRowid,
    );
  }
  if (known.type === "other" && type !== "other")
    space.write("UPDATE entities SET type = ? WHERE id = ?").run(type, known.id);
  return known.id;
};

export interface Knowledge {
  /** Normalised names of what the memory is about, for the entity filter. */
  readonly entities: readonly string[];
  /** Returns whether a stored memory contradicts it. */
  readonly store: (row: number) => boolean;
}

/** `store` writes what the reading of a memory's text found, for its row. */
export const knowledgeOf = (space: OpenSpace, memory: Memory, reading: Reading): Knowledge => {
  const found = reading.extraction;
  const named = found.entities;
  const given = memory.entity === null ? null : normalizeEntity(memory.entity);
  const norms = new Set(named.map((entity) => entity.normalized));
  if (given !== null && given !== "") norms.add(given);
  const store = (row: number): boolean => {
    const ids = new Map<string, number>();
    for (const { normalized: norm, name, type, aliases } of named) {
      const id = entityId(space, norm, name, type);
      ids.set(norm, id);
      for (const alias of aliases) {
        space
          .write("INSERT OR IGNORE INTO aliases (norm, entity, memory, name) VALUES (?, ?, ?, ?)")
          .run(normalizeEntity(alias), id, row, alias);
      }
    }
    if (given !== null && given !== "" && !ids.has(given))
      ids.set(given, entityId(space, given, memory.entity ?? given, "other"));
    for (const id of ids.values())
      space.write("INSERT OR IGNORE INTO mentions (entity, memory) VALUES (?, ?)").run(id, row);
    for (const relation of found.relations) {
      const source = ids.get(normalizeEntity(relation.subject));
      const target = ids.get(normalizeEntity(relation.object));
      if (source === undefined || target === undefined) continue;
      space
        .write("INSERT OR IGNORE INTO relations (source, target, type, memory) VALUES (?, ?, ?, ?)")
        .run(source, target, relation.type, row);
    }
    return storeClaims(space, reading.claims, row);
  };
  return { entities: [...norms], store };
};

interface ClaimRow {
  readonly memory: number;
  readonly value: string;
  readonly negated: number;
}

const storeClaims = (space: OpenSpace, claims: readonly Claim[], row: number): boolean => {
  const others = space.write(
    "SELECT memory, value, negated FROM claims WHERE entity = ? AND attribute = ? AND memory <> ? ORDER BY memory DESC LIMIT 200",
  );
  const link = space.write("INSERT OR IGNORE INTO conflicts (memory, other) VALUES (?, ?)");
  let linked = 0;
  for (const claim of claims) {
    const { entity, attribute, value, negated } = claim;
    for (const other of others.all(entity, attribute, row) as ClaimRow[]) {
      if (linked >= mostConflicts) break;
      if (!contradicts(claim, { entity, attribute, value: other.value, negated: other.negated === 1 })) continue;
      link.run(row, other.memory);
      link.run(other.memory, row);
      linked++;
    }
    space
      .write("INSERT OR IGNORE INTO claims (memory, entity, attribute, value, negated) VALUES (?, ?, ?, ?, ?)")
      .run(row, entity, attribute, value, negated ? 1 : 0);
  }
  return linked > 0;
};

/** Forgets what a memory said; entities that nothing names any more go with it. */
export const dropKnowledge = (space: OpenSpace, row: number): void => {
  const named = space.write("SELECT entity FROM mentions WHERE memory = ?").pluck().all(row) as number[];
  for (const table of ["mentions", "relations", "aliases", "claims"]) {
    space.write(`DELETE FROM ${table} WHERE memory = ?`).run(row);
  }
  space.write("DELETE FROM conflicts WHERE memory = ? OR other = ?").run(row, row);
  const orphan = space.write(
    "DELETE FROM entities WHERE id = ? AND NOT EXISTS (SELECT 1 FROM mentions WHERE entity = id)",
  );
  for (const entity of named) orphan.run(entity);
};
