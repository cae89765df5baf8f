/**
 * An engine in a few Maps, for tests of operations and edges: it follows the port's contract, not the product's
 * quality. Recall is the share of the question's words that a memory has, or the cosine if that is more; entities are
 * the `entity` fields; a session's messages are one chunk each.
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError, plainError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { ChangeKind } from "@cairn/memory/change/change";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import type { Memory, MemoryFields } from "@cairn/memory/memory/memory";
import type { Actor, Engine, RememberItem, RememberOutcome, SpaceWriter } from "@cairn/memory/space/engine";
import { makeReader, type Row, type Space } from "./fake-space.ts";

const notFound = (): CairnError => new CairnError("memory.not_found", "There is no memory with this id here.");
const sameText = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

const makeWriter = (id: string, space: Space, actor: Actor, clock: Clock): SpaceWriter => {
  const record = (kind: ChangeKind, memory: Memory, before: Memory | null, row: Omit<Row, "memory">): Memory => {
    const at = clock();
    const diff = Object.fromEntries(
      (Object.keys(memory) as (keyof Memory)[])
        .filter((name) => JSON.stringify(memory[name]) !== JSON.stringify(before?.[name] ?? null))
        .map((name) => [name, { from: before?.[name] ?? null, to: memory[name] }]),
    );
    space.rows.set(memory.id, { memory, ...row });
    const { version } = memory;
    const own = space.versions.get(memory.id) ?? [];
    space.versions.set(memory.id, [
      ...own,
      { version, kind, at, by: actor.principal, agent: actor.instance, diff, memory },
    ]);
    const seq = space.changes.length + 1;
    const fields = Object.fromEntries(
      Object.entries(diff).map(([name, { to }]) => [name, { value: to, overwrites: [] }]),
    );
    const dot = { replica: "fake", counter: seq };
    space.changes.push({
      seq,
      dot,
      clock: "",
      at,
      kind,
      subject: memory.id,
      version,
      principal: actor.principal,
      agent: actor.instance,
      fields,
    });
    return memory;
  };
  const next = (memory: Memory, fields: Partial<Memory>): Memory => ({
    ...memory,
    ...fields,
    version: memory.version + 1,
    updatedAt: clock(),
    updatedBy: actor.principal,
  });
  const present = (memoryId: string, expected?: number): Row => {
    const row = space.rows.get(memoryId);
    if (row === undefined || row.deleted || row.memory.supersededBy !== null) throw notFound();
    if (expected !== undefined && expected !== row.memory.version) {
      throw new CairnError("memory.version_conflict", "The memory has moved on.", {
        currentVersion: row.memory.version,
      });
    }
    return row;
  };
  const create = (fields: MemoryFields, vectors: PassageVectors, extra: Partial<Memory> = {}): Memory => {
    const now = clock();
    const made: Memory = {
      ...fields,
      id: newId(),
      space: id,
      sourceInstance: actor.instance,
      version: 1,
      supersedes: null,
      supersededBy: null,
      createdAt: now,
      createdBy: actor.principal,
      updatedAt: now,
      updatedBy: actor.principal,
      ...extra,
    };
    return record("create", made, null, { vectors, deleted: false });
  };
  const rememberOne = ({ fields, vectors, skipDedup, expectedVersion, imported }: RememberItem): RememberOutcome => {
    const rows = [...space.rows.values()].filter(({ deleted, memory }) => !deleted && memory.supersededBy === null);
    const known = rows.find(
      ({ memory }) => (fields.key !== null && memory.key === fields.key) || memory.id === imported?.id,
    );
    if (known !== undefined) {
      present(known.memory.id, expectedVersion);
      const newer = (imported?.updatedAt ?? 0) > known.memory.updatedAt;
      const keeps = imported?.onConflict === "skip" || (imported?.onConflict === "merge" && !newer);
      if (keeps) return { status: "skipped", id: known.memory.id };
      return {
        status: "updated",
        memory: record("update", next(known.memory, fields), known.memory, { vectors, deleted: false }),
        conflicts: [],
      };
    }
    const twin = skipDedup ? undefined : rows.find(({ memory }) => sameText(memory.content, fields.content));
    if (twin !== undefined) return { status: "duplicate", duplicateOf: twin.memory.id };
    const { onConflict: _onConflict, ...identity } = imported ?? { onConflict: "skip" };
    return { status: "stored", memory: create(fields, vectors, identity), conflicts: [] };
  };
  const attempt = (item: RememberItem): RememberOutcome => {
    try {
      return rememberOne(item);
    } catch (error) {
      return { status: "failed", error: plainError(error) };
    }
  };
  return {
    remember: async (items, atomic) => {
      const before = new Map(space.rows);
      const outcomes = items.map(attempt);
      const problems = outcomes.flatMap((outcome, index) =>
        outcome.status === "failed"
          ? [{ path: `memories.${index}`, code: outcome.error.code, message: outcome.error.message }]
          : [],
      );
      if (!atomic || problems.length === 0) return outcomes;
      space.rows.clear();
      for (const [key, row] of before) space.rows.set(key, row);
      throw new CairnError("memory.batch_rejected", "Nothing was stored.", { problems });
    },
    update: async ({ id: memoryId, fields, vectors, expectedVersion }) => {
      const row = present(memoryId, expectedVersion);
      return record("update", next(row.memory, fields), row.memory, {
        vectors: vectors ?? row.vectors,
        deleted: false,
      });
    },
    correct: async ({ originalId, fields, vectors }) => {
      const { memory: original, vectors: old } = present(originalId);
      const { id: _id, version: _version, supersededBy: _by, createdAt: _at, updatedAt: _on, ...inherited } = original;
      const corrected = create({ ...inherited, ...fields }, vectors, { supersedes: originalId });
      record("supersede", next(original, { supersededBy: corrected.id }), original, { vectors: old, deleted: false });
      return corrected;
    },
    forget: async (memoryId, { purge, expectedVersion }) => {
      const row = present(memoryId, expectedVersion);
      record("delete", next(row.memory, {}), row.memory, { vectors: row.vectors, deleted: true });
      if (!purge) return;
      space.rows.delete(memoryId);
      space.versions.delete(memoryId);
    },
    restore: async (memoryId, version) => {
      const row = space.rows.get(memoryId);
      if (row === undefined) throw notFound();
      const old =
        version === undefined
          ? row.memory
          : space.versions.get(memoryId)?.find((one) => one.version === version)?.memory;
      if (old === undefined) throw new CairnError("memory.version_not_found", "There is no such version.");
      const { version: _version, ...fields } = old;
      return record("restore", next(row.memory, fields), row.memory, { vectors: row.vectors, deleted: false });
    },
    ingestSession: async ({ sessionId, instanceId, messages }) => {
      const session = space.sessions.get(sessionId) ?? { instanceId, messages: [] };
      space.sessions.set(sessionId, session);
      const fresh = messages.filter(
        (message) => !session.messages.some((old) => old.content === message.content && old.at === message.at),
      );
      session.messages.push(...fresh);
      return { status: "ingested", chunksCreated: fresh.length, messagesProcessed: fresh.length };
    },
    setVectors: async (memoryId, version, vectors) => {
      const row = space.rows.get(memoryId);
      if (row?.memory.version !== version) return false;
      space.rows.set(memoryId, { ...row, vectors });
      return true;
    },
    sweep: async () => ({ expired: 0, purged: 0, sessions: 0 }),
  };
};

export const makeFakeEngine = (clock: Clock = Date.now): Engine => {
  const spaces = new Map<string, Space>();
  const open = (id: string): Space => {
    const space = spaces.get(id) ?? { rows: new Map(), versions: new Map(), changes: [], sessions: new Map() };
    spaces.set(id, space);
    return space;
  };
  return {
    read: (id) => makeReader(open(id), clock),
    write: (id, actor) => makeWriter(id, open(id), actor, clock),
    create: async (id) => void open(id),
    drop: async (id) => void spaces.delete(id),
    check: async () => [],
    repair: async () => [],
    close: async () => undefined,
  };
};
