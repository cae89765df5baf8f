/** What time does to a space: expired memories are deleted, deleted ones purged, old sessions dropped. */
import type { SweepOutcome } from "@cairn/memory/space/engine";
import { deleteMemory, purgeMemory } from "@cairn/memory/write/revise";
import { dropSessions } from "@cairn/memory/write/sessions";
import type { WriteContext } from "@cairn/memory/write/context";
import { makeSlicer } from "@cairn/memory/write/context";
import type { StoredMemory } from "@cairn/memory/write/write-store";
import type { Projections } from "../space/projections.ts";
import { dropRemains } from "./change-model.ts";
import { dropWords } from "./erased-words.ts";
import { write, type Writing } from "./run-rule.ts";

const atOnce = 200;

/** What `sql` names for a time, some at a time, until there is none. */
const idsDue = ({ pool, space }: Writing, sql: string, time: number): Promise<readonly string[]> =>
  pool.transaction({ space, readOnly: true }, async (connection) => {
    const rows = await connection.query<{ id: string }>(sql, [space, time, atOnce]);
    return rows.map(({ id }) => id);
  });

const each = async (
  writing: Writing,
  sql: string,
  time: number,
  isDue: (stored: StoredMemory) => boolean,
  act: (context: WriteContext, stored: StoredMemory) => void,
): Promise<number> => {
  let count = 0;
  for (;;) {
    const ids = await idsDue(writing, sql, time);
    if (ids.length === 0) return count;
    count += await write(writing, function* (context) {
      const slice = makeSlicer();
      let done = 0;
      for (const id of ids) {
        yield* slice();
        const stored = context.store.findById(id);
        // Another server may have been first.
        if (stored === null || !isDue(stored)) continue;
        act(context, stored);
        done++;
      }
      return done;
    });
  }
};

const expired = `SELECT id FROM memories WHERE space = $1 AND state = 0 AND expires_at IS NOT NULL AND expires_at <= $2
  ORDER BY expires_at, row LIMIT $3`;
const deleted = `SELECT id FROM memories WHERE space = $1 AND state = 2 AND updated_at < $2
  ORDER BY updated_at, row LIMIT $3`;
/** Sessions that neither spoke nor grew since: an old transcript that arrives today is kept as long as a new one. */
const quiet = `SELECT c.session AS id FROM session_chunks c JOIN docs d ON d.space = c.space AND d.n = c.doc
  WHERE c.space = $1 GROUP BY c.session HAVING max(greatest(c.end_at, d.from_at)) < $2
  ORDER BY c.session LIMIT $3`;

const sweepSessions = async (writing: Writing, before: number): Promise<number> => {
  let count = 0;
  for (;;) {
    const sessions = await idsDue(writing, quiet, before);
    if (sessions.length === 0) return count;
    await write(writing, (context) => dropSessions(context, sessions));
    count += sessions.length;
  }
};

export const sweep = async (
  writing: Writing,
  projections: Projections,
  options: { readonly now: number; readonly sessionsBefore: number; readonly purgeBefore: number },
): Promise<SweepOutcome> => {
  const { now, sessionsBefore, purgeBefore } = options;
  const isExpired = ({ state, memory }: StoredMemory): boolean =>
    state === 0 && memory.expiresAt !== null && memory.expiresAt <= now;
  const isOldDeleted = ({ state, memory }: StoredMemory): boolean => state === 2 && memory.updatedAt < purgeBefore;
  const swept = {
    expired: await each(writing, expired, now, isExpired, deleteMemory),
    purged: await each(writing, deleted, purgeBefore, isOldDeleted, purgeMemory),
    sessions: await sweepSessions(writing, sessionsBefore),
  };
  while (await dropRemains(writing));
  await dropWords(writing, projections);
  return swept;
};
