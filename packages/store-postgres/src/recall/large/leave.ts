/** Documents of a large space that are not current any more leave the tables that its questions are answered from. */
import type { Connection } from "../../connection/pool.ts";
import { column, type EnteredDocument, type Send, visitPostings } from "./enter.ts";
import { blockOf, postingsIn, withoutDocuments } from "./packed.ts";
import { nearestTable } from "./partition.ts";

/** Documents as they are before they are ended or erased. Without those that were not entered. */
export const enteredOf = async (
  connection: Connection,
  space: string,
  docs: readonly number[],
): Promise<readonly EnteredDocument[]> => {
  if (docs.length === 0) return [];
  const rows = await connection.query<EnteredDocument>(
    `SELECT d.n, d.kind, d.entry FROM unnest($2::bigint[]) AS w (n)
     CROSS JOIN LATERAL (SELECT doc FROM entered WHERE space = $1 AND doc = w.n LIMIT 1) e
     CROSS JOIN LATERAL (SELECT n, kind, entry FROM docs WHERE space = $1 AND n = w.n LIMIT 1) d`,
    [space, docs],
  );
  return rows.filter(({ entry }) => entry !== null);
};

interface Block {
  readonly kind: number;
  readonly term: number;
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** The blocks that hold anything of these documents. */
const blocksOf = (connection: Connection, space: string, leaving: readonly EnteredDocument[]) => {
  const keys = new Map<string, readonly number[]>();
  for (const { n, kind, entry } of leaving)
    visitPostings(entry, (term) => {
      const key = [kind, term, blockOf(n)];
      keys.set(key.join("/"), key);
    });
  const list = [...keys.values()];
  return connection.query<Block>(
    `SELECT p.kind, p.term, p.block, p.bytes
     FROM unnest($2::smallint[], $3::integer[], $4::integer[]) AS w (kind, term, block) CROSS JOIN LATERAL (
       SELECT * FROM postings WHERE space = $1 AND kind = w.kind AND term = w.term AND block = w.block LIMIT 1
     ) p`,
    [space, column(list, 0), column(list, 1), column(list, 2)],
  );
};

const keysOf = (blocks: readonly Block[]) => [
  blocks.map(({ kind }) => kind),
  blocks.map(({ term }) => term),
  blocks.map(({ block }) => block),
];
const byKey = "postings.kind = w.kind AND postings.term = w.term AND postings.block = w.block";

const removePostings = async (
  connection: Connection,
  send: Send,
  space: string,
  leaving: readonly EnteredDocument[],
): Promise<void> => {
  const gone = new Set(leaving.map(({ n }) => n));
  const held = await blocksOf(connection, space, leaving);
  const left = held.map((block) => ({ ...block, bytes: withoutDocuments(block.block, block.bytes, gone) }));
  const [kept, ended] = [left.filter(({ bytes }) => bytes.length > 0), left.filter(({ bytes }) => bytes.length === 0)];
  send(
    `UPDATE postings SET bytes = w.bytes
     FROM unnest($2::smallint[], $3::integer[], $4::integer[], $5::bytea[]) AS w (kind, term, block, bytes)
     WHERE postings.space = $1 AND ${byKey}`,
    [space, ...keysOf(kept), kept.map(({ bytes }) => bytes)],
  );
  send(
    `DELETE FROM postings USING unnest($2::smallint[], $3::integer[], $4::integer[]) AS w (kind, term, block)
     WHERE postings.space = $1 AND ${byKey}`,
    [space, ...keysOf(ended)],
  );
  const counts = [
    held.map(({ kind }) => kind),
    held.map(({ term }) => term),
    held.map(({ bytes }, at) => postingsIn(bytes) - postingsIn(left[at]!.bytes)),
  ];
  const found = `found AS (
    SELECT c.ctid AS at, c.passages - w.gone AS rest FROM (
      SELECT kind, term, sum(gone)::integer AS gone
      FROM unnest($2::smallint[], $3::integer[], $4::integer[]) AS w (kind, term, gone) GROUP BY kind, term
    ) w CROSS JOIN LATERAL (
      SELECT ctid, passages FROM term_counts WHERE space = $1 AND kind = w.kind AND term = w.term LIMIT 1
    ) c
  )`;
  send(
    `WITH ${found}, ended AS (
       DELETE FROM term_counts WHERE space = $1 AND ctid = ANY (ARRAY(SELECT at FROM found WHERE rest <= 0))
     )
     UPDATE term_counts SET passages = found.rest FROM found
     WHERE term_counts.space = $1 AND term_counts.ctid = found.at AND found.rest > 0`,
    [space, ...counts],
  );
};

/** As `enteredOf` gave them, before anything else of the transaction is entered. */
export const leave = async (
  connection: Connection,
  send: Send,
  space: string,
  part: number,
  leaving: readonly EnteredDocument[],
): Promise<void> => {
  if (leaving.length === 0) return;
  await removePostings(connection, send, space, leaving);
  const docs = leaving.map(({ n }) => n);
  send(
    `WITH gone AS (
       DELETE FROM entered WHERE space = $1 AND doc = ANY ($2::bigint[]) RETURNING kind, passages, length, head
     )
     UPDATE large_counts SET documents = large_counts.documents - g.documents,
       passages = large_counts.passages - g.passages, length = large_counts.length - g.length,
       head = large_counts.head - g.head
     FROM (SELECT kind, count(*) AS documents, sum(passages) AS passages, sum(length) AS length, sum(head) AS head
           FROM gone GROUP BY kind) g
     WHERE large_counts.space = $1 AND large_counts.kind = g.kind`,
    [space, docs],
  );
  send(`DELETE FROM ${nearestTable(space)} WHERE space = $1 AND part = $3 AND doc = ANY ($2::bigint[])`, [
    space,
    docs,
    part,
  ]);
};
