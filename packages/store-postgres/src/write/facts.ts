/**
 * What a write has loaded of its space, and what its rules have asked for in vain.
 *
 * The rules of writing are synchronous, a database is not. So they are run on what is known: what is asked and not known
 * is noted and answered with "nothing", the notes are loaded together in one round trip, and the rules are run again,
 * until a run asks for nothing that is not known. That run is the true one. Most writes take two; what decides is read
 * after the space was locked, so it cannot change in between. (Reconnaissance before execution: Thomson et al. 2012,
 * "Calvin", §3.2.)
 */
import type { Memory } from "@cairn/memory/memory/memory";
import type { SessionMessage } from "@cairn/memory/space/engine";
import type {
  ExtractionProgress,
  LogEntry,
  MemoryState,
  StoredChunk,
  StoredClaim,
  StoredDocument,
  StoredEntity,
} from "@cairn/memory/write/write-store";

export interface MemoryRecord {
  readonly row: number;
  readonly doc: number;
  readonly state: MemoryState;
  readonly memory: Memory;
  readonly identity: Uint8Array;
  readonly near: Uint8Array;
}

export interface ConflictFact {
  readonly row: number;
  readonly id: string;
  readonly state: MemoryState;
  readonly heldBack: boolean;
}

/** By kind: what is known under a key. The keys are made by the functions of `keys`. */
export interface FactOf {
  readonly memoryById: MemoryRecord | null;
  readonly memoryByKey: MemoryRecord | null;
  readonly memoryByRow: MemoryRecord | null;
  readonly corrections: readonly MemoryRecord[];
  readonly identity: readonly MemoryRecord[];
  readonly near: readonly MemoryRecord[];
  /** Rows and positions of a session's memories, the highest first. */
  readonly positions: readonly { readonly row: number; readonly position: number }[];
  readonly name: number | null;
  readonly documents: readonly StoredDocument[];
  readonly firstVector: Float32Array | null;
  readonly hasVectors: boolean;
  readonly wordless: boolean;
  readonly awaiting: boolean;
  readonly entity: StoredEntity | null;
  readonly mentions: readonly number[];
  readonly mentionCount: number;
  readonly claims: readonly StoredClaim[];
  readonly conflicts: readonly ConflictFact[];
  readonly changes: readonly LogEntry[];
  readonly messages: readonly SessionMessage[];
  readonly hasMessages: boolean;
  readonly chunks: readonly StoredChunk[];
  readonly extraction: ExtractionProgress | null;
}
export type FactKind = keyof FactOf;

/** Two parts as one key; neither is changed by it. */
export const pairKey = (first: string | number, second: string | number): string => JSON.stringify([first, second]);
export const pairOf = (key: string): readonly [string | number, string | number] =>
  JSON.parse(key) as readonly [string | number, string | number];
export const bytesKey = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export type Missing = ReadonlyMap<FactKind, ReadonlySet<string>>;

export interface Facts {
  /** What is known, else `guess`, and the question is noted. */
  readonly get: <Kind extends FactKind>(kind: Kind, key: string, guess: FactOf[Kind]) => FactOf[Kind];
  readonly put: <Kind extends FactKind>(kind: Kind, key: string, fact: FactOf[Kind]) => void;
  /** What was asked in vain since the last time this was called. */
  readonly takeMissing: () => Missing;
}

export const makeFacts = (): Facts => {
  const known = new Map<FactKind, Map<string, unknown>>();
  let missing = new Map<FactKind, Set<string>>();
  const of = <Value>(maps: Map<FactKind, Value>, kind: FactKind, make: () => Value): Value => {
    const found = maps.get(kind);
    if (found !== undefined) return found;
    const made = make();
    maps.set(kind, made);
    return made;
  };
  return {
    get: <Kind extends FactKind>(kind: Kind, key: string, guess: FactOf[Kind]): FactOf[Kind] => {
      const facts = of(known, kind, () => new Map<string, unknown>());
      if (facts.has(key)) return facts.get(key) as FactOf[Kind];
      of(missing, kind, () => new Set<string>()).add(key);
      return guess;
    },
    put: (kind, key, fact) => void of(known, kind, () => new Map<string, unknown>()).set(key, fact),
    takeMissing: () => {
      const taken = missing;
      missing = new Map();
      return taken;
    },
  };
};
