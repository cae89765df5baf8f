/**
 * The partition of a large space's vectors and its nearest-neighbour index: made, exchanged and dropped by the owner of
 * the tables, without a lock that keeps anybody from reading or writing for long.
 */
import { createHash } from "node:crypto";
import pg from "pg";
import { memorySchema, ownerRole } from "../../connection/roles.ts";
import type { MigrationSession } from "../../migrations/migration-session.ts";
import { secured } from "../../migrations/secure-tables.ts";

const path = [memorySchema, "public"];

/** pgvector's index takes no more dimensions in half precision. */
export const mostIndexed = 4_000;

/** A space is a uuid: checked where it enters the engine. */
export const nearestTable = (space: string): string => `nearest_${space.replaceAll("-", "").toLowerCase()}`;
const indexName = (space: string, generation: number): string => `${nearestTable(space)}_g${generation}`;

const partOf = async (session: MigrationSession, space: string): Promise<number | null> => {
  const [found] = await session.query<{ bound: string | null }>(
    `SELECT pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_class c
     WHERE c.relnamespace = $1::regnamespace AND c.relname = $2`,
    [memorySchema, nearestTable(space)],
  );
  if (found === undefined) return null;
  const number = /IN \('?(\d+)/u.exec(found.bound ?? "")?.[1];
  // Taken off its table, and not dropped yet.
  return number === undefined ? 0 : Number(number);
};

/** The number of the space's partition, which is made where there is none. */
export const makePartition = async (session: MigrationSession, space: string): Promise<number> => {
  const known = await partOf(session, space);
  if (known !== null && known > 0) return known;
  const table = nearestTable(space);
  return session.transaction(ownerRole, path, async () => {
    if (known === 0) await session.query(`DROP TABLE ${table}`);
    const [next] = await session.query<{ part: number }>("SELECT nextval('nearest_parts')::integer AS part");
    const { part } = next!;
    // Its rows are one space's, which the planner may know, unlike in other tables (secure-tables.ts).
    // A table that is attached locks its parent far less than one that is made as a partition of it.
    await session.query(`
      CREATE TABLE ${table} (
        LIKE nearest INCLUDING ALL,
        CONSTRAINT of_one_space CHECK (space = '${space}'::uuid AND part IS NOT NULL AND part = ${part})
      );
      ${secured(table)}
      ALTER TABLE ${table} ALTER COLUMN space SET STATISTICS -1;
      ALTER TABLE nearest ATTACH PARTITION ${table} FOR VALUES IN (${part})`);
    return part;
  });
};

/** Statements outside any transaction, as the owner. */
const asOwner = async <T>(session: MigrationSession, work: () => Promise<T>): Promise<T> => {
  await session.query(`SET ROLE ${pg.escapeIdentifier(ownerRole)}`);
  await session.query(`SET search_path = ${memorySchema}, public, pg_temp`);
  try {
    return await work();
  } finally {
    await session.query("RESET ROLE; RESET search_path; RESET maintenance_work_mem").catch(() => undefined);
  }
};

export interface IndexedVectors {
  readonly generation: number;
  readonly dimensions: number;
  readonly rows: number;
}

/** A graph that does not fit is built many times slower; megabytes. */
const memoryFor = ({ dimensions, rows }: IndexedVectors): number =>
  Math.min(1_024, Math.max(64, Math.ceil((rows * (2 * dimensions + 500)) / 1e6)));

/** Built beside readers and writers; what a build that was broken off has left is removed first. */
export const buildIndex = (session: MigrationSession, space: string, vectors: IndexedVectors): Promise<void> =>
  asOwner(session, async () => {
    const name = indexName(space, vectors.generation);
    const found = await session.query<{ name: string; sound: boolean }>(
      `SELECT c.relname AS name, i.indisvalid AS sound FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid = $1::regclass AND NOT i.indisprimary`,
      [`${memorySchema}.${nearestTable(space)}`],
    );
    for (const index of found)
      if (index.name !== name || !index.sound) await session.query(`DROP INDEX CONCURRENTLY ${index.name}`);
    if (found.some((index) => index.name === name && index.sound)) return;
    await session.query(`SET maintenance_work_mem = '${memoryFor(vectors)}MB'`);
    await session.query(
      `CREATE INDEX CONCURRENTLY ${name} ON ${nearestTable(space)}
       USING hnsw ((vector::halfvec(${vectors.dimensions})) halfvec_cosine_ops) WHERE generation = ${vectors.generation}`,
    );
  });

/** What was filled in bulk is marked as seen by all, so that indexes are read without their tables. */
export const settle = (session: MigrationSession, space: string): Promise<void> =>
  asOwner(session, async () => {
    for (const table of ["postings", "term_counts", "entered", nearestTable(space)])
      await session.query(`VACUUM (ANALYZE, SKIP_LOCKED) ${table}`);
  });

export const dropPartition = async (session: MigrationSession, space: string): Promise<void> => {
  const part = await partOf(session, space);
  if (part === null) return;
  const table = nearestTable(space);
  if (part > 0) {
    // With a default partition nothing can be taken off in passing; the lock is short, and waited for shortly.
    await session.transaction(ownerRole, path, () => session.query(`ALTER TABLE nearest DETACH PARTITION ${table}`));
  }
  await session.transaction(ownerRole, path, () => session.query(`DROP TABLE ${table}`));
};

/** The lock by which one server at a time moves a space. */
export const moveLock = (space: string): readonly [number, number] => [
  0x63_61_69_72,
  createHash("sha256").update(space).digest().readInt32BE(0),
];
