/** What a write to a large space adds to the tables that its questions are answered from. */
import type { Connection } from "../../connection/pool.ts";
import type { SpaceState } from "../../read/space-state.ts";
import { float32Of } from "../../space/vector-bytes.ts";
import type { Overlay } from "../../write/overlay.ts";
import { type EnteredDocument, type EnteredVector, enterDocuments, enterVectors, type Send } from "./enter.ts";
import { enteredOf, leave } from "./leave.ts";

/** As many vectors of a document as flush.ts keeps. */
const chunksPerDoc = 1024;

const copiedVectors = async (
  connection: Connection,
  space: string,
  { vectors: { copied } }: Overlay,
): Promise<readonly EnteredVector[]> => {
  if (copied.size === 0) return [];
  const all = [...copied.values()];
  const rows = await connection.query<{ generation: number; doc: number; chunk: number; bytes: Uint8Array }>(
    `SELECT w.generation, w.doc, f.chunk, f.bytes FROM unnest($2::integer[], $3::bigint[]) AS w (generation, doc)
     CROSS JOIN LATERAL (
       SELECT chunk, bytes FROM f32 WHERE space = $1 AND generation = w.generation AND doc = w.doc OFFSET 0
     ) f`,
    [space, all.map(({ generation }) => generation), all.map(({ doc }) => doc)],
  );
  return rows.map(({ generation, doc, chunk, bytes }) => ({ generation, doc, chunk, vector: float32Of(bytes) }));
};

/** Before `flush`, which takes away what they held: the documents of a large space that this write ends or erases. */
export const leavingOf = async (
  connection: Connection,
  space: string,
  { part }: SpaceState,
  { documents: { closed, erased } }: Overlay,
): Promise<readonly EnteredDocument[]> =>
  part === 0 ? [] : enteredOf(connection, space, [...new Set([...closed.keys(), ...erased.keys()])]);

/** After `flush`, in its transaction; nothing for a space that is not large. Throws the database's errors. */
export const flushLarge = async (
  connection: Connection,
  space: string,
  { part }: SpaceState,
  overlay: Overlay,
  leaving: readonly EnteredDocument[],
): Promise<void> => {
  if (part === 0) return;
  const { documents, vectors } = overlay;
  const copied = await copiedVectors(connection, space, overlay);
  const sent: Promise<number>[] = [];
  const send: Send = (sql, values) => void sent.push(connection.change(sql, values));
  await leave(connection, send, space, part, leaving);
  enterDocuments(
    send,
    space,
    [...documents.inserted].flatMap(([n, { kind, entry, to }]) =>
      entry === null || to !== null ? [] : [{ n, kind, entry }],
    ),
  );
  const stored = [...vectors.stored.values()].flatMap(({ generation, doc, vectors: list }) =>
    list.slice(0, chunksPerDoc).map((vector, chunk) => ({ generation, doc, chunk, vector })),
  );
  enterVectors(send, space, part, [...stored, ...copied]);
  await Promise.all(sent);
};
