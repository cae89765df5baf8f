/** What memories say about the world, as a write transaction leaves it. */
import type { KnowledgeStore, StoredClaim } from "@cairn/memory/write/write-store";
import { memoryState } from "@cairn/memory/write/write-store";
import { type ConflictFact, type Facts, pairKey } from "./facts.ts";
import type { MemoryOverlay } from "./memory-overlay.ts";
import type { Numbering } from "./numbering.ts";

export interface Alias {
  readonly norm: string;
  readonly entity: number;
  readonly name: string;
}
export interface Relation {
  readonly source: number;
  readonly target: number;
  readonly type: string;
}
export interface OwnClaim {
  readonly entity: string;
  readonly attribute: string;
  readonly value: string;
  readonly negated: boolean;
}

/** What this transaction adds to a memory, by keys that keep it from being added twice. */
export interface Said {
  readonly aliases: Map<string, Alias>;
  readonly mentions: Set<number>;
  readonly relations: Map<string, Relation>;
  readonly claims: Map<string, OwnClaim>;
  readonly conflicts: Set<number>;
}

export interface NewEntity {
  readonly norm: string;
  readonly name: string;
  readonly type: string;
}

export interface KnowledgeOverlay {
  readonly store: KnowledgeStore;
  readonly said: ReadonlyMap<number, Said>;
  /** Memories whose stored knowledge goes. */
  readonly dropped: ReadonlySet<number>;
  readonly entities: ReadonlyMap<number, NewEntity>;
  readonly types: ReadonlyMap<number, string>;
  readonly deletedEntities: ReadonlySet<number>;
}

const mostClaims = 200;
const mostConflicts = 32;
const noNumbers: readonly number[] = [];
const noClaims: readonly StoredClaim[] = [];
const noConflicts: readonly ConflictFact[] = [];

export const makeKnowledgeOverlay = (facts: Facts, memories: MemoryOverlay, numbers: Numbering): KnowledgeOverlay => {
  const known = numbers.entity;
  const said = new Map<number, Said>();
  const dropped = new Set<number>();
  const entities = new Map<number, NewEntity>();
  const byNorm = new Map<string, number>();
  const types = new Map<number, string>();
  const deletedEntities = new Set<number>();
  /** How many stored mentions of an entity went with their memories. */
  const lost = new Map<number, number>();

  const of = (memory: number): Said => {
    const found = said.get(memory);
    if (found !== undefined) return found;
    const made: Said = {
      aliases: new Map(),
      mentions: new Set(),
      relations: new Map(),
      claims: new Map(),
      conflicts: new Set(),
    };
    said.set(memory, made);
    return made;
  };
  const isStored = (memory: number): boolean => !memories.isNew(memory) && !dropped.has(memory);
  const storedMentions = (memory: number): readonly number[] =>
    isStored(memory) ? facts.get("mentions", String(memory), noNumbers) : noNumbers;

  const store: KnowledgeStore = {
    entity: (norm) => {
      const own = byNorm.get(norm);
      const stored = own === undefined ? facts.get("entity", norm, null) : null;
      const id = own ?? stored?.id;
      if (id === undefined || deletedEntities.has(id)) return null;
      return { id, type: types.get(id) ?? entities.get(id)?.type ?? stored?.type ?? "other" };
    },
    insertEntity: (norm, name, type) => {
      const id = ++numbers.entity;
      entities.set(id, { norm, name, type });
      byNorm.set(norm, id);
      return id;
    },
    setEntityType: (id, type) => void types.set(id, type),
    deleteEntity: (id) => {
      deletedEntities.add(id);
      const own = entities.get(id);
      if (own !== undefined) byNorm.delete(own.norm);
    },
    addAlias: (norm, entity, memory, name) =>
      void of(memory).aliases.set(pairKey(norm, entity), { norm, entity, name }),
    addMention: (entity, memory) => void of(memory).mentions.add(entity),
    mentionsOf: (memory) => [...new Set([...storedMentions(memory), ...(said.get(memory)?.mentions ?? [])])],
    isMentioned: (entity) => {
      for (const { mentions } of said.values()) if (mentions.has(entity)) return true;
      if (entity > known) return false;
      return facts.get("mentionCount", String(entity), 0) > (lost.get(entity) ?? 0);
    },
    addRelation: (source, target, type, memory) =>
      void of(memory).relations.set(JSON.stringify([source, target, type]), { source, target, type }),
    claimsOn: (entity, attribute, exceptMemory) => {
      const own = [...said].flatMap(([memory, { claims }]) =>
        [...claims.values()]
          .filter((claim) => claim.entity === entity && claim.attribute === attribute)
          .map(({ value, negated }) => ({ memory, value, negated })),
      );
      const stored = facts.get("claims", pairKey(entity, attribute), noClaims).filter(({ memory }) => isStored(memory));
      return [...stored, ...own]
        .filter(({ memory }) => memory !== exceptMemory)
        .sort((one, other) => other.memory - one.memory)
        .slice(0, mostClaims);
    },
    addClaim: (memory, entity, attribute, value, negated) => {
      const { claims } = of(memory);
      const key = JSON.stringify([entity, attribute, value]);
      if (!claims.has(key)) claims.set(key, { entity, attribute, value, negated });
    },
    addConflict: (memory, other) => {
      of(memory).conflicts.add(other);
      of(other).conflicts.add(memory);
    },
    conflictsOf: (memory) => {
      const stored = isStored(memory) ? facts.get("conflicts", String(memory), noConflicts) : noConflicts;
      const rows = new Map(
        stored
          .filter(({ row }) => !dropped.has(row) && !memories.deleted.has(row))
          .map(({ row, id, state, heldBack }) => [row, { id, stands: state === memoryState.live && !heldBack }]),
      );
      for (const row of [...rows.keys(), ...(said.get(memory)?.conflicts ?? [])]) {
        const record = memories.touched.get(row) ?? (rows.has(row) ? null : memories.byRow(row));
        if (record !== null)
          rows.set(row, {
            id: record.memory.id,
            stands: record.state === memoryState.live && record.memory.quarantined === null,
          });
      }
      return [...rows]
        .filter(([, { stands }]) => stands)
        .sort(([one], [other]) => one - other)
        .slice(0, mostConflicts)
        .map(([, { id }]) => id);
    },
    dropKnowledge: (memory) => {
      for (const entity of storedMentions(memory)) lost.set(entity, (lost.get(entity) ?? 0) + 1);
      for (const other of said.get(memory)?.conflicts ?? []) said.get(other)?.conflicts.delete(memory);
      said.delete(memory);
      if (!memories.isNew(memory)) dropped.add(memory);
    },
  };
  return { store, said, dropped, entities, types, deletedEntities };
};
