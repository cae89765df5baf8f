/** Which texts lack vectors, and how many: asked often, so that neither reads more than it answers. */
import type { PassageText } from "@cairn/memory/embedding/embedder";
import type { MemoryVersion, MissingVectors, VectorState } from "@cairn/memory/space/engine";
import { slotOf } from "@cairn/memory/write/document-vectors";
import { docKind } from "@cairn/memory/write/write-store";
import type { OpenSpace } from "../space/open-space.ts";
import { modelsOf, type SlotTables, tablesOf } from "../space/space-models.ts";
import { versionsOf } from "./history.ts";

const countAwaiting = (space: OpenSpace, next: 0 | 1): number =>
  Number(space.read("SELECT count(*) FROM awaiting_vectors WHERE next = ?").pluck().get(next));

/** Counting takes some 2 ms for 100,000 texts; that nothing was written since is known in microseconds. */
export const vectorState = (space: OpenSpace): VectorState =>
  space.untilWritten("vectorState", () => {
    const { own, next } = modelsOf(space.read);
    return {
      model: own,
      documents: Number(space.read("SELECT count(*) FROM docs WHERE entry IS NOT NULL").pluck().get()),
      missing: countAwaiting(space, 0),
      next: next === null ? null : { model: next, missing: countAwaiting(space, 1) },
    };
  });

interface DocumentRow {
  readonly n: number;
  readonly kind: number;
  readonly owner: number;
  readonly version: number;
}

interface CurrentRow {
  readonly id: string;
  readonly version: number;
  readonly content: string;
  readonly author: string | null;
  readonly occurredAt: number | null;
}

const passageOf = ({ content, author, occurredAt }: PassageText): PassageText => ({ content, author, occurredAt });

/** Reads texts of one call; the versions of a memory are folded from the log once. */
const makeTextReader = (space: OpenSpace): ((document: DocumentRow) => PassageText | null) => {
  const histories = new Map<number, readonly MemoryVersion[]>();
  const chunk = space.read("SELECT content FROM session_chunks WHERE row = ?").pluck();
  const current = space.read(
    "SELECT id, version, content, author, occurred_at AS occurredAt FROM memories WHERE row = ?",
  );
  return ({ kind, owner, version }) => {
    if (kind === docKind.chunk) {
      const content = chunk.get(owner);
      return typeof content === "string" ? { content, author: null, occurredAt: null } : null;
    }
    const memory = current.get(owner) as CurrentRow | undefined;
    if (memory === undefined || memory.version === version) return memory === undefined ? null : passageOf(memory);
    const versions = histories.get(owner) ?? versionsOf(space.read, space.id, memory.id);
    histories.set(owner, versions);
    const old = versions.find((one) => one.version === version)?.memory;
    return old === undefined ? null : passageOf(old);
  };
};

const slotAsked = (space: OpenSpace, model: string | undefined): SlotTables | null => {
  const slot = model === undefined ? "own" : slotOf(modelsOf(space.read), model);
  return slot === null ? null : tablesOf[slot];
};

const nothing: PassageText = { content: "", author: null, occurredAt: null };

export const missingVectors = (
  space: OpenSpace,
  limit: number,
  model: string | undefined,
): readonly MissingVectors[] => {
  const slot = slotAsked(space, model);
  if (slot === null) return [];
  const documents = space
    .read(
      `SELECT a.doc AS n, d.kind, d.owner, d.version FROM (
         SELECT rank, doc FROM awaiting_vectors WHERE next = ? ORDER BY rank, doc LIMIT ?
       ) a LEFT JOIN docs d ON d.n = a.doc ORDER BY a.rank, a.doc`,
    )
    .all(slot.next, limit) as DocumentRow[];
  const textOf = makeTextReader(space);
  // A text that damage took away says nothing to any model: it must not be asked for for ever.
  return documents.map((document) => ({ document: document.n, passage: textOf(document) ?? nothing }));
};
