/** What `cairn doctor` finds out of step in one space of the database. */
import { isCairnError } from "@cairn/kernel/error";
import { analyzerChanged, findingKinds, findingOf } from "@cairn/memory/space/check-findings";
import type { CheckFinding } from "@cairn/memory/space/engine";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import type { Connection, PostgresPool } from "../connection/pool.ts";
import { type SpaceState, stateOf } from "../read/space-state.ts";
import { countersBehind, countTexts } from "./counters.ts";
import { eachDamaged, walkDocuments } from "./damaged-documents.ts";
import { rangesUpTo } from "./ranges.ts";
import {
  brokenRows,
  lastOf,
  misshapenVectors,
  type OfModel,
  type Rule,
  strayDocuments,
  strayKnowledge,
  strayVectors,
  unequalVectors,
  unindexed,
  unindexedChunks,
  unnoted,
  valuesOf,
  wrongNotes,
  wrongTags,
} from "./rules.ts";

/** The space's sets of vectors: its own model's, and the next one's. */
export const modelsOf = ({ own, next }: SpaceState): readonly OfModel[] =>
  [own, next].flatMap((one) => (one === null ? [] : { generation: one.generation, dimensions: one.model.dimensions }));

interface Checking {
  readonly connection: Connection;
  readonly space: string;
  readonly state: SpaceState;
}

const countBroken = async ({ connection, space, state }: Checking, rule: Rule, model?: OfModel): Promise<number> => {
  const counts = await Promise.all(
    rangesUpTo(lastOf(rule, state)).map((range) =>
      connection.query<{ readonly count: number }>(
        `SELECT count(*) AS count ${brokenRows(rule)}`,
        valuesOf(rule, space, range, model),
      ),
    ),
  );
  return counts.reduce((sum, [row]) => sum + (row?.count ?? 0), 0);
};

const find = async (checking: Checking, rule: Rule): Promise<readonly CheckFinding[]> =>
  findingOf(rule.kind, await countBroken(checking, rule));

const inAllModels = async (checking: Checking, rules: readonly Rule[]): Promise<number> => {
  const counts = modelsOf(checking.state).flatMap((model) => rules.map((rule) => countBroken(checking, rule, model)));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
};

const countDamaged = async ({ connection, space }: Checking): Promise<number> => {
  let count = 0;
  await eachDamaged(
    (after, known) => walkDocuments(connection, space, after, known),
    (damaged) => void (count += damaged.length),
  );
  return count;
};

const countMissing = async ({ connection, space, state }: Checking): Promise<number> => {
  const [row] = await connection.query<{ readonly count: number }>(
    "SELECT count(*) AS count FROM awaiting_vectors WHERE space = $1 AND generation = $2",
    [space, state.epoch],
  );
  return row?.count ?? 0;
};

const countWrongCounters = async ({ connection, space, state }: Checking): Promise<number> => {
  const [behind, texts] = await Promise.all([countersBehind(connection, space), countTexts(connection, space, state)]);
  return behind + (texts === state.texts ? 0 : 1);
};

/** In the order in which an engine tells them. */
const findAll = async (checking: Checking): Promise<readonly CheckFinding[]> => {
  const rows = [unindexed, unindexedChunks, strayDocuments, ...strayVectors];
  const found = await Promise.all([
    ...rows.map((rule) => find(checking, rule)),
    inAllModels(checking, unequalVectors).then((count) => findingOf(findingKinds.vectorsUnequal, count)),
    ...[...wrongNotes, wrongTags, ...strayKnowledge].map((rule) => find(checking, rule)),
    countDamaged(checking).then((count) => findingOf(findingKinds.entriesDamaged, count)),
    countWrongCounters(checking).then((count) => findingOf(findingKinds.countersWrong, count)),
    Promise.resolve(checking.state.analyzer === String(analyzerVersion) ? [] : [analyzerChanged]),
    countMissing(checking).then((count) => findingOf(findingKinds.vectorsMissing, count)),
    inAllModels(checking, [unnoted]).then((count) => findingOf(findingKinds.vectorsLost, count)),
    inAllModels(checking, misshapenVectors).then((count) => findingOf(findingKinds.vectorsMisshapen, count)),
  ]);
  return found.flat();
};

/** One state of the space is looked at, whatever is written meanwhile. */
export const checkSpace = async (pool: PostgresPool, space: string): Promise<readonly CheckFinding[]> => {
  try {
    return await pool.transaction({ space, readOnly: true, snapshot: true }, async (connection) => {
      const state = await stateOf(connection, space);
      // A space without a row has none in any table.
      return state.replica === "" ? [] : findAll({ connection, space, state });
    });
  } catch (error) {
    // What is too damaged to be read is a finding, not a failure of the check.
    if (!isCairnError(error) || error.code !== "storage.corrupt") throw error;
    return [{ code: error.code, message: error.message, repairable: false }];
  }
};
