/** The memories of a space as a write transaction leaves them: what was loaded, and on top what the rules changed. */
import type { MemoryStore, Standing } from "@cairn/memory/write/write-store";
import { memoryState } from "@cairn/memory/write/write-store";
import { bytesKey, type Facts, type MemoryRecord, pairKey } from "./facts.ts";
import type { Numbering } from "./numbering.ts";

export interface MemoryOverlay {
  readonly store: MemoryStore;
  /** The memory as it is now, wherever it came from; null for one that is gone or not known. */
  readonly byRow: (row: number) => MemoryRecord | null;
  readonly isNew: (row: number) => boolean;
  /** What was changed, by row. */
  readonly touched: ReadonlyMap<number, MemoryRecord>;
  readonly deleted: ReadonlySet<number>;
  readonly tags: ReadonlyMap<number, readonly string[]>;
}

const noRecords: readonly MemoryRecord[] = [];
const noPositions: readonly { readonly row: number; readonly position: number }[] = [];
const mostLookAlikes = 8;
/** How many positions are looked at first, and when all of those were changed by this very write. */
const fewPositions = 8;
const manyPositions = 2_000;

const isStanding = ({ state, memory }: MemoryRecord, { now, trusted }: Standing): boolean =>
  state === memoryState.live &&
  (memory.expiresAt === null || memory.expiresAt > now) &&
  (!trusted || memory.quarantined === null);

export const makeMemoryOverlay = (facts: Facts, numbers: Numbering): MemoryOverlay => {
  const known = numbers.row;
  const touched = new Map<number, MemoryRecord>();
  const deleted = new Set<number>();
  const tags = new Map<number, readonly string[]>();
  const seen = new Map<number, MemoryRecord>();

  const current = (loaded: MemoryRecord | null): MemoryRecord | null => {
    if (loaded === null || deleted.has(loaded.row)) return null;
    seen.set(loaded.row, loaded);
    return touched.get(loaded.row) ?? loaded;
  };
  const own = (test: (record: MemoryRecord) => boolean): MemoryRecord | null => {
    for (const record of touched.values()) if (test(record)) return record;
    return null;
  };
  /** What was loaded and is unchanged, with what was changed and passes: in the order of rows. */
  const merged = (
    loaded: readonly MemoryRecord[],
    passes: (record: MemoryRecord) => boolean,
  ): readonly MemoryRecord[] => {
    const unchanged = loaded.filter(({ row }) => !touched.has(row) && !deleted.has(row));
    const changed = [...touched.values()].filter(passes);
    return [...unchanged, ...changed].sort((one, other) => one.row - other.row);
  };
  const touch = (record: MemoryRecord): void => {
    touched.set(record.row, record);
    seen.set(record.row, record);
  };
  const byRow = (row: number): MemoryRecord | null => {
    const record = touched.get(row) ?? seen.get(row);
    if (record !== undefined || deleted.has(row) || row > known) return deleted.has(row) ? null : (record ?? null);
    return current(facts.get("memoryByRow", String(row), null));
  };
  const holding = (record: MemoryRecord): MemoryRecord => {
    seen.set(record.row, record);
    return record;
  };

  const positionIn = (sessionId: string): number | null => {
    let last: number | null = null;
    const take = (position: number | null): void => {
      if (position !== null && (last === null || position > last)) last = position;
    };
    for (const { state, memory } of touched.values())
      if (state === memoryState.live && memory.sessionId === sessionId) take(memory.sessionSeq);
    for (const most of [fewPositions, manyPositions]) {
      const loaded = facts.get("positions", pairKey(sessionId, most), noPositions);
      const unchanged = loaded.find(({ row }) => !touched.has(row) && !deleted.has(row));
      if (unchanged !== undefined) take(unchanged.position);
      if (unchanged !== undefined || loaded.length < most) break;
    }
    return last;
  };

  const store: MemoryStore = {
    findById: (id) => {
      const changed = own(({ memory }) => memory.id === id);
      return changed ?? current(facts.get("memoryById", id, null));
    },
    findByKey: (key) => {
      const changed = own(({ state, memory }) => state === memoryState.live && memory.key === key);
      if (changed !== null) return changed;
      const loaded = current(facts.get("memoryByKey", key, null));
      return loaded?.state === memoryState.live && loaded.memory.key === key ? loaded : null;
    },
    correctionOf: (id, row) => {
      const passes = (record: MemoryRecord): boolean =>
        record.state === memoryState.live && record.memory.supersedes === id;
      const found = merged(facts.get("corrections", id, noRecords), passes).find((record) => record.row !== row);
      return found === undefined ? null : holding(found).memory.id;
    },
    identical: (identity, standing) => {
      const key = bytesKey(identity);
      const loaded = facts.get("identity", key, noRecords);
      const all = merged(loaded, (record) => bytesKey(record.identity) === key);
      return all.find((record) => isStanding(record, standing))?.memory.id ?? null;
    },
    lookAlikes: (near, standing) => {
      const key = bytesKey(near);
      const all = merged(facts.get("near", key, noRecords), (record) => bytesKey(record.near) === key);
      return all
        .filter((record) => isStanding(record, standing))
        .slice(0, mostLookAlikes)
        .map(({ doc, memory }) => ({ id: memory.id, doc, content: memory.content }));
    },
    identityOf: (row) => byRow(row)?.identity ?? new Uint8Array(0),
    lastPosition: positionIn,
    insertMemory: (memory, doc, { identity, near }) => {
      numbers.row++;
      touch({ row: numbers.row, doc, state: memoryState.live, memory, identity, near });
      return numbers.row;
    },
    updateMemory: (row, state, memory, sameness) => {
      const before = byRow(row);
      if (before !== null) touch({ ...before, state, memory, ...sameness });
    },
    setDocument: (row, doc) => {
      const before = byRow(row);
      if (before !== null) touch({ ...before, doc });
    },
    deleteMemory: (row) => {
      touched.delete(row);
      deleted.add(row);
    },
    setTags: (row, given) => void tags.set(row, given),
  };
  return { store, byRow, isNew: (row) => row > known, touched, deleted, tags };
};
