/**
 * A space in a few Maps and no index at all: what an engine must answer after any history of writes. It knows
 * contents, keys and tags; duplicates, entities and scores are left to other tests.
 */
import type { ErrorCode } from "@cairn/kernel/error";

export interface ModelFields {
  readonly content: string;
  readonly key: string | null;
  readonly tags: readonly string[];
}

export interface ModelVersion extends ModelFields {
  readonly kind: "create" | "update" | "supersede" | "delete" | "restore";
  readonly from: number;
}

export interface ModelMemory {
  readonly id: string;
  readonly state: "live" | "superseded" | "deleted";
  readonly versions: readonly ModelVersion[];
}

export type ModelResult = ErrorCode | "ok";

export interface ModelSpace {
  /** In the order in which they were first stored; purged ones are gone. */
  readonly memories: () => readonly ModelMemory[];
  readonly live: () => readonly ModelMemory[];
  readonly holderOf: (key: string | null) => ModelMemory | undefined;
  readonly create: (id: string, fields: ModelFields) => void;
  readonly update: (id: string, fields: Partial<ModelFields>) => ModelResult;
  readonly correct: (id: string, correction: string, content: string) => ModelResult;
  readonly forget: (id: string) => ModelResult;
  readonly restore: (id: string, version: number | undefined) => ModelResult;
  readonly purge: (id: string) => ModelResult;
  /** The contents that were current at a time. */
  readonly asOf: (time: number) => readonly string[];
}

export const currentOf = ({ versions }: ModelMemory): ModelVersion => versions.at(-1)!;

const isCurrent = ({ kind }: ModelVersion): boolean => kind !== "delete" && kind !== "supersede";

export const makeModelSpace = (now: () => number): ModelSpace => {
  const memories = new Map<string, ModelMemory>();

  const live = (): readonly ModelMemory[] => [...memories.values()].filter(({ state }) => state === "live");
  const holderOf: ModelSpace["holderOf"] = (key) =>
    key === null ? undefined : live().find((memory) => currentOf(memory).key === key);
  const append = (
    memory: ModelMemory,
    state: ModelMemory["state"],
    kind: ModelVersion["kind"],
    fields: ModelFields,
  ): void => {
    const { content, key, tags } = fields;
    const version: ModelVersion = { content, key, tags, kind, from: now() };
    memories.set(memory.id, { id: memory.id, state, versions: [...memory.versions, version] });
  };
  const takenByAnother = (key: string | null, id: string): boolean => {
    const holder = holderOf(key);
    return holder !== undefined && holder.id !== id;
  };
  /** The live memory, or why it cannot be changed. */
  const liveOne = (id: string): ModelMemory | ErrorCode => {
    const memory = memories.get(id);
    if (memory === undefined || memory.state === "deleted") return "memory.not_found";
    return memory.state === "superseded" ? "memory.version_conflict" : memory;
  };

  return {
    memories: () => [...memories.values()],
    live,
    holderOf,
    create: (id, fields) => append({ id, state: "live", versions: [] }, "live", "create", fields),
    update: (id, fields) => {
      const memory = liveOne(id);
      if (typeof memory === "string") return memory;
      const next = { ...currentOf(memory), ...fields };
      if (fields.key !== undefined && takenByAnother(next.key, id)) return "memory.version_conflict";
      append(memory, "live", "update", next);
      return "ok";
    },
    correct: (id, correction, content) => {
      const memory = liveOne(id);
      if (typeof memory === "string") return memory;
      const fields = currentOf(memory);
      append(memory, "superseded", "supersede", fields);
      append({ id: correction, state: "live", versions: [] }, "live", "create", { ...fields, content });
      return "ok";
    },
    forget: (id) => {
      const memory = memories.get(id);
      if (memory === undefined || memory.state === "deleted") return "memory.not_found";
      append(memory, "deleted", "delete", currentOf(memory));
      return "ok";
    },
    restore: (id, version) => {
      const memory = memories.get(id);
      if (memory === undefined) return "memory.not_found";
      const wanted =
        version === undefined
          ? memory.versions.findLast(({ kind }) => kind !== "delete")
          : memory.versions[version - 1];
      if (wanted === undefined) return "memory.version_not_found";
      if (takenByAnother(wanted.key, id)) return "memory.version_conflict";
      append(memory, "live", "restore", wanted);
      return "ok";
    },
    purge: (id) => {
      const memory = memories.get(id);
      if (memory === undefined) return "memory.not_found";
      memories.delete(id);
      return "ok";
    },
    asOf: (time) =>
      [...memories.values()].flatMap(({ versions }) => {
        const version = versions.findLast(({ from }) => from <= time);
        return version !== undefined && isCurrent(version) ? [version.content] : [];
      }),
  };
};
