/**
 * An engine in a few Maps, for tests of operations and edges: it follows the port's contract, not the product's
 * quality. Recall is the share of the question's words that a memory has, or the cosine if that is more; entities are
 * the `entity` fields; a session's messages are one chunk each.
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError, plainError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { ChangeKind } from "@cairn/memory/change/change";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Memory, MemoryFields } from "@cairn/memory/memory/memory";
import type {
  Actor,
  Engine,
  ModelVectors,
  RememberItem,
  RememberOutcome,
  SpaceWriter,
} from "@cairn/memory/space/engine";
import { quarantineAfter, quarantineOf } from "@cairn/memory/trust/quarantine";
import { notesAreLeft } from "@cairn/memory/write/notes";
import { makeFakeEmbedder } from "./fake-embedder.ts";
import { keepingNotes } from "./fake-notes.ts";
import { documentsOf, makeReader, type Row, type Space } from "./fake-space.ts";
import { makeFakeVectors } from "./fake-vectors.ts";

const notFound = (): CairnError => new CairnError("memory.not_found", "There is no memory with this id here.");
const sameText = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

const makeWriter = (id: string, space: Space, actor: Actor, clock: Clock): Omit<SpaceWriter, "dropNotes"> => {
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
    quarantined: quarantineAfter(memory, { ...memory, ...fields }, clock()),
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
  const create = (fields: MemoryFields, given: ModelVectors, extra: Partial<Memory> = {}): Memory => {
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
      quarantined: quarantineOf(fields, now),
      ...extra,
    };
    return record("create", made, null, { document: space.vectors.add(made, given), deleted: false });
  };
  const rememberOne = (item: RememberItem): RememberOutcome => {
    const { fields, skipDedup, expectedVersion, imported } = item;
    const rows = [...space.rows.values()].filter(({ deleted, memory }) => !deleted && memory.supersededBy === null);
    const known = rows.find(
      ({ memory }) => (fields.key !== null && memory.key === fields.key) || memory.id === imported?.id,
    );
    if (known !== undefined) {
      present(known.memory.id, expectedVersion);
      const newer = (imported?.updatedAt ?? 0) > known.memory.updatedAt;
      const keeps = imported?.onConflict === "skip" || (imported?.onConflict === "merge" && !newer);
      if (keeps) return { status: "skipped", id: known.memory.id };
      const document = space.vectors.add(fields, item);
      return {
        status: "updated",
        memory: record("update", next(known.memory, fields), known.memory, { document, deleted: false }),
        conflicts: [],
      };
    }
    const twin = skipDedup ? undefined : rows.find(({ memory }) => sameText(memory.content, fields.content));
    if (twin !== undefined) return { status: "duplicate", duplicateOf: twin.memory.id };
    const { onConflict: _onConflict, ...identity } = imported ?? { onConflict: "skip" };
    return { status: "stored", memory: create(fields, item, identity), conflicts: [] };
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
    update: async ({ id: memoryId, fields, vectors, vectorModel, expectedVersion }) => {
      const row = present(memoryId, expectedVersion);
      const after = next(row.memory, fields);
      const given = vectors === undefined ? null : { vectors, ...(vectorModel === undefined ? {} : { vectorModel }) };
      const document = given === null ? row.document : space.vectors.add(after, given);
      return record("update", after, row.memory, { document, deleted: false });
    },
    correct: async ({ originalId, fields, ...vectors }) => {
      const { memory: original, document } = present(originalId);
      const {
        id: _id,
        version: _version,
        supersededBy: _by,
        createdAt: _at,
        updatedAt: _on,
        quarantined: _held,
        ...inherited
      } = original;
      const corrected = create({ ...inherited, ...fields }, vectors, { supersedes: originalId });
      record("supersede", next(original, { supersededBy: corrected.id }), original, { document, deleted: false });
      return corrected;
    },
    forget: async (memoryId, { purge, expectedVersion }) => {
      const row = present(memoryId, expectedVersion);
      record("delete", next(row.memory, {}), row.memory, { document: row.document, deleted: true });
      if (!purge) return;
      space.rows.delete(memoryId);
      space.versions.delete(memoryId);
    },
    release: async (memoryId, expectedVersion) => {
      const row = present(memoryId, expectedVersion);
      if (row.memory.quarantined === null) return row.memory;
      const { document } = row;
      return record("release", next(row.memory, { quarantined: null }), row.memory, { document, deleted: false });
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
      return record("restore", next(row.memory, fields), row.memory, { document: row.document, deleted: false });
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
    setVectors: async (model, items) => space.vectors.set(model, items),
    prepareModel: async (model) => space.vectors.prepare(model),
    switchModel: async (model) => space.vectors.switchTo(model, documentsOf(space)),
    noteExtraction: async ({ sessionId, from, to, failed, nextAt, items }) => {
      const known = space.extractions.get(sessionId) ?? { position: 0, attempts: 0, nextAt: 0 };
      if (known.position !== from || !space.sessions.has(sessionId)) return null;
      const position = failed ? from : to;
      space.extractions.set(sessionId, { position, attempts: failed ? known.attempts + 1 : 0, nextAt });
      return failed ? [] : items.map(attempt);
    },
    sweep: async () => ({ expired: 0, purged: 0, sessions: 0 }),
  };
};

/** `model` is the one that new spaces become of. */
export const makeFakeEngine = (clock: Clock = Date.now, model: EmbeddingModel = makeFakeEmbedder().model): Engine => {
  const spaces = new Map<string, Space>();
  const open = (id: string): Space => {
    const space = spaces.get(id) ?? {
      rows: new Map(),
      versions: new Map(),
      changes: [],
      vectors: makeFakeVectors(model),
      sessions: new Map(),
      extractions: new Map(),
      notes: new Map(),
    };
    spaces.set(id, space);
    return space;
  };
  return {
    read: (id) => makeReader(open(id), clock),
    write: (id, actor) => {
      const space = open(id);
      space.vectors.bind();
      return keepingNotes(id, space, actor, clock, makeWriter(id, space, actor, clock));
    },
    create: async (id) => void open(id),
    drop: async (id) => {
      if ((spaces.get(id)?.notes.size ?? 0) > 0) throw notesAreLeft();
      spaces.delete(id);
    },
    check: async () => [],
    repair: async () => [],
    close: async () => undefined,
  };
};
