/** Entities, relations, claims and conflicts, for the rules of writing. */
import type { KnowledgeStore, StoredClaim, StoredEntity } from "@cairn/memory/write/write-store";
import type { OpenSpace } from "../../space/open-space.ts";

interface ClaimRow extends Omit<StoredClaim, "negated"> {
  readonly negated: number;
}

const tables = ["mentions", "relations", "aliases", "claims"] as const;

export const knowledgeStore = ({ write }: OpenSpace): KnowledgeStore => ({
  entity: (norm) =>
    (write("SELECT id, type FROM entities WHERE norm = ?").get(norm) as StoredEntity | undefined) ?? null,
  insertEntity: (norm, name, type) =>
    Number(write("INSERT INTO entities (norm, name, type) VALUES (?, ?, ?)").run(norm, name, type).lastInsertRowid),
  setEntityType: (id, type) => {
    write("UPDATE entities SET type = ? WHERE id = ?").run(type, id);
  },
  deleteEntity: (id) => {
    write("DELETE FROM entities WHERE id = ?").run(id);
  },
  addAlias: (norm, entity, memory, name) => {
    write("INSERT OR IGNORE INTO aliases (norm, entity, memory, name) VALUES (?, ?, ?, ?)").run(
      norm,
      entity,
      memory,
      name,
    );
  },
  addMention: (entity, memory) => {
    write("INSERT OR IGNORE INTO mentions (entity, memory) VALUES (?, ?)").run(entity, memory);
  },
  mentionsOf: (memory) => write("SELECT entity FROM mentions WHERE memory = ?").pluck().all(memory) as number[],
  isMentioned: (entity) => write("SELECT 1 FROM mentions WHERE entity = ? LIMIT 1").get(entity) !== undefined,
  addRelation: (source, target, type, memory) => {
    write("INSERT OR IGNORE INTO relations (source, target, type, memory) VALUES (?, ?, ?, ?)").run(
      source,
      target,
      type,
      memory,
    );
  },
  claimsOn: (entity, attribute, exceptMemory) => {
    const rows = write(
      "SELECT memory, value, negated FROM claims WHERE entity = ? AND attribute = ? AND memory <> ? ORDER BY memory DESC LIMIT 200",
    ).all(entity, attribute, exceptMemory) as ClaimRow[];
    return rows.map(({ memory, value, negated }) => ({ memory, value, negated: negated === 1 }));
  },
  addClaim: (memory, entity, attribute, value, negated) => {
    write("INSERT OR IGNORE INTO claims (memory, entity, attribute, value, negated) VALUES (?, ?, ?, ?, ?)").run(
      memory,
      entity,
      attribute,
      value,
      negated ? 1 : 0,
    );
  },
  addConflict: (memory, other) => {
    const link = write("INSERT OR IGNORE INTO conflicts (memory, other) VALUES (?, ?)");
    link.run(memory, other);
    link.run(other, memory);
  },
  conflictsOf: (memory) =>
    write(
      "SELECT m.id FROM conflicts c JOIN memories m ON m.row = c.other WHERE c.memory = ? AND m.state = 0 AND m.quarantine IS NULL ORDER BY m.row LIMIT 32",
    )
      .pluck()
      .all(memory) as string[],
  dropKnowledge: (memory) => {
    for (const table of tables) write(`DELETE FROM ${table} WHERE memory = ?`).run(memory);
    write("DELETE FROM conflicts WHERE memory = ? OR other = ?").run(memory, memory);
  },
});
