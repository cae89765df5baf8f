/** Writes the vectors of an overlay, the notes of texts that await theirs, and the news of those that came late. */
import { quantizeRow } from "@cairn/store/arena/quantize";
import { bytesOf } from "../space/vector-bytes.ts";
import { type Column, insert, type Send } from "./insert-rows.ts";
import type { Overlay } from "./overlay.ts";

/** A document has at most this many vectors. */
const chunksPerDoc = 1024;

const placed: readonly Column[] = [
  ["generation", "integer"],
  ["doc", "bigint"],
];
const chunkColumns: readonly Column[] = [...placed, ["chunk", "smallint"]];

/** Where the rows of document `w.doc` in the set `w.generation` lie. */
const ofDocument = (table: string): string =>
  `SELECT ctid AS at FROM ${table} WHERE space = $1 AND generation = w.generation
   ${table === "awaiting_vectors" ? "AND rank IN (0, 1, 2)" : ""} AND doc = w.doc OFFSET 0`;
/** The same of the documents `$2` in every set there has been: the keys begin with the set. */
const rowsOfDocs = (table: string): string =>
  `ARRAY(SELECT t.at FROM space_state s CROSS JOIN LATERAL (
     SELECT g.n AS generation, d.n AS doc FROM generate_series(1, s.last_generation) AS g (n)
     CROSS JOIN unnest($2::bigint[]) AS d (n)
   ) w CROSS JOIN LATERAL (${ofDocument(table)}) t WHERE s.space = $1)`;
const erase = (table: string): string => `DELETE FROM ${table} WHERE space = $1 AND ctid = ANY (${rowsOfDocs(table)})`;

export const flushVectors = (send: Send, space: string, { vectors }: Overlay): void => {
  const { stored, copied, awaiting, wordless, stopped, last, erased, late } = vectors;
  if (last.size > 0)
    send(
      `UPDATE awaiting_vectors SET rank = 2 WHERE space = $1 AND rank <> 2
       AND ctid = ANY (${rowsOfDocs("awaiting_vectors")})`,
      [space, [...last]],
    );
  if (stopped.size > 0)
    send(
      `DELETE FROM awaiting_vectors WHERE space = $1 AND ctid = ANY (ARRAY(
         SELECT t.at FROM unnest($2::integer[], $3::bigint[]) AS w (generation, doc)
         CROSS JOIN LATERAL (${ofDocument("awaiting_vectors")}) t
       ))`,
      [space, [...stopped.values()].map(({ generation }) => generation), [...stopped.values()].map(({ doc }) => doc)],
    );
  const rows = [...stored.values()].flatMap(({ generation, doc, vectors: list }) =>
    list.slice(0, chunksPerDoc).map((vector, chunk) => ({ generation, doc, chunk, vector, row: quantizeRow(vector) })),
  );
  insert(
    send,
    space,
    "q8",
    [...chunkColumns, ["scale", "double precision"], ["bytes", "bytea"]],
    rows.map(({ generation, doc, chunk, row }) => [generation, doc, chunk, row.scale, bytesOf(row.bytes)]),
  );
  insert(
    send,
    space,
    "f32",
    [...chunkColumns, ["bytes", "bytea"]],
    rows.map(({ generation, doc, chunk, vector }) => [generation, doc, chunk, bytesOf(vector)]),
  );
  if (copied.size > 0) {
    const all = [...copied.values()];
    const values = [
      space,
      all.map(({ generation }) => generation),
      all.map(({ doc }) => doc),
      all.map(({ from }) => from),
    ];
    for (const [table, columns] of [
      ["q8", "chunk, scale, bytes"],
      ["f32", "chunk, bytes"],
    ])
      send(
        `INSERT INTO ${table} (space, generation, doc, ${columns}) SELECT $1, c.generation, c.doc, ${columns}
         FROM unnest($2::integer[], $3::bigint[], $4::bigint[]) AS c (generation, doc, source) CROSS JOIN LATERAL (
           SELECT ${columns} FROM ${table} WHERE space = $1 AND generation = c.generation AND doc = c.source OFFSET 0
         ) t`,
        values,
      );
  }
  // What is erased may have been copied before.
  if (erased.size > 0)
    for (const table of ["q8", "f32", "awaiting_vectors", "wordless"]) send(erase(table), [space, [...erased]]);
  insert(
    send,
    space,
    "awaiting_vectors",
    [...placed, ["rank", "smallint"]],
    [...awaiting.values()].map(({ generation, doc, rank }) => [generation, doc, rank]),
  );
  insert(
    send,
    space,
    "wordless",
    placed,
    [...wordless.values()].map(({ generation, doc }) => [generation, doc]),
    "ON CONFLICT DO NOTHING",
  );
  insert(
    send,
    space,
    "late_vectors",
    [
      ["seq", "bigint"],
      ["doc", "bigint"],
    ],
    [...late],
  );
};
