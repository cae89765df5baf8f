/** A memory as a row of `memories`, both ways. The order of `columns` is the order of every statement here. */
import type { JsonObject, Memory } from "@cairn/memory/memory/memory";

export const columns = [
  "id",
  "version",
  "content",
  "key",
  "category",
  "entity",
  "tags",
  "metadata",
  "context",
  "author",
  "session_id",
  "session_seq",
  "source_instance",
  "source_type",
  "source_uri",
  "trust",
  "importance",
  "confidence",
  "occurred_at",
  "valid_from",
  "valid_until",
  "expires_at",
  "decay",
  "supersedes",
  "superseded_by",
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
] as const;
export const columnList = columns.join(", ");

export type MemoryRow = Readonly<Record<(typeof columns)[number], string | number | null>>;

export const rowOfMemory = (memory: Memory): MemoryRow => ({
  id: memory.id,
  version: memory.version,
  content: memory.content,
  key: memory.key,
  category: memory.category,
  entity: memory.entity,
  tags: JSON.stringify(memory.tags),
  metadata: memory.metadata === null ? null : JSON.stringify(memory.metadata),
  context: memory.context,
  author: memory.author,
  session_id: memory.sessionId,
  session_seq: memory.sessionSeq,
  source_instance: memory.sourceInstance,
  source_type: memory.sourceType,
  source_uri: memory.sourceUri,
  trust: memory.trust,
  importance: memory.importance,
  confidence: memory.confidence,
  occurred_at: memory.occurredAt,
  valid_from: memory.validFrom,
  valid_until: memory.validUntil,
  expires_at: memory.expiresAt,
  decay: memory.decay,
  supersedes: memory.supersedes,
  superseded_by: memory.supersededBy,
  created_at: memory.createdAt,
  created_by: memory.createdBy,
  updated_at: memory.updatedAt,
  updated_by: memory.updatedBy,
});

/** The values of a row in the order of `columns`. */
export const valuesOfMemory = (memory: Memory): readonly (string | number | null)[] => {
  const row = rowOfMemory(memory);
  return columns.map((column) => row[column]);
};

export const memoryOfRow = (row: MemoryRow, space: string): Memory =>
  ({
    id: row.id,
    space,
    version: row.version,
    content: row.content,
    key: row.key,
    category: row.category,
    entity: row.entity,
    tags: JSON.parse(String(row.tags)) as readonly string[],
    metadata: row.metadata === null ? null : (JSON.parse(String(row.metadata)) as JsonObject),
    context: row.context,
    author: row.author,
    sessionId: row.session_id,
    sessionSeq: row.session_seq,
    sourceInstance: row.source_instance,
    sourceType: row.source_type,
    sourceUri: row.source_uri,
    trust: row.trust,
    importance: row.importance,
    confidence: row.confidence,
    occurredAt: row.occurred_at,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    expiresAt: row.expires_at,
    decay: row.decay,
    supersedes: row.supersedes,
    supersededBy: row.superseded_by,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }) as Memory;
