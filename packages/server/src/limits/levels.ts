/**
 * How much an organisation really has: levels are counted as calls go, and looked at now and then, so that what a crash,
 * a sweep or a removal left out is made right again. What the directory knows is looked at each time it could matter;
 * memories and bytes lie in the spaces, and looking takes a question to each.
 */
import type { LimitCounters } from "@cairn/directory/limits/limit-counters";
import type { TenantCounts } from "@cairn/directory/limits/tenant-counts";
import type { Clock, Millis } from "@cairn/kernel/clock";
import type { LevelName } from "@cairn/memory/plan/plan";

export interface Stored {
  readonly memories: number;
  readonly storageBytes: number;
}

export interface Look {
  readonly counts: (organisation: string) => Promise<TenantCounts>;
  /** Of all its spaces. */
  readonly stored: (organisation: string) => Promise<Stored>;
}

export interface LevelsOptions {
  readonly counters: Pick<LimitCounters, "standing" | "survey">;
  readonly look: Look;
  readonly clock: Clock;
}

type Found = Readonly<Partial<Record<LevelName, number>>>;

const storedNames: readonly LevelName[] = ["memories", "storage_bytes"];
const countedNames: readonly LevelName[] = ["spaces", "members", "agents"];
const groupOf = (name: LevelName): readonly LevelName[] => (storedNames.includes(name) ? storedNames : countedNames);

/** For so long a look counts: those at spaces are repeated by a job each hour. */
export const knownForMs = (name: LevelName): number => (storedNames.includes(name) ? 2 * 3_600_000 : 60_000);

/** A refusal is checked by a look at the spaces, though not more often than this. */
const againAfterMs = 30_000;
const attempts = 3;
const mostKnown = 10_000;

export const makeLevels = ({ counters, look, clock }: LevelsOptions) => {
  const underWay = new Map<string, Promise<void>>();
  const lookedAt = new Map<string, Millis>();

  const find = async (organisation: string, group: readonly LevelName[]): Promise<Found> => {
    if (group === countedNames) return { ...(await look.counts(organisation)) };
    const { memories, storageBytes } = await look.stored(organisation);
    return { memories, storage_bytes: storageBytes };
  };

  const run = async (organisation: string, group: readonly LevelName[], force: boolean): Promise<void> => {
    let left = group;
    for (let attempt = 1; attempt <= attempts && left.length > 0; attempt += 1) {
      const seen = await Promise.all(left.map((name) => counters.standing({ organisation, name, period: "" })));
      const found = await find(organisation, group);
      const must = force && attempt === attempts;
      const written = await Promise.all(
        left.map((name, at) =>
          counters.survey({ organisation, name, period: "" }, found[name] ?? 0, seen[at] ?? null, must),
        ),
      );
      left = left.filter((_, at) => written[at] !== true);
    }
  };

  /**
   * Looks how much there is and writes it down, once for all who want to know at this moment. Calls that go on meanwhile
   * are not overwritten, unless `force` says that something must be known in the end.
   */
  const survey = (organisation: string, name: LevelName, force: boolean): Promise<void> => {
    const group = groupOf(name);
    const key = `${organisation} ${group === storedNames ? "stored" : "counted"} ${force}`;
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const work = run(organisation, group, force).finally(() => underWay.delete(key));
    underWay.set(key, work);
    return work;
  };

  return {
    survey,
    /** Whether a refusal by this level should be checked by a look; if so, it has been looked at afterwards. */
    checkRefusal: async (organisation: string, name: LevelName): Promise<boolean> => {
      if (groupOf(name) === storedNames) {
        const now = clock();
        if (now - (lookedAt.get(organisation) ?? Number.NEGATIVE_INFINITY) < againAfterMs) return false;
        if (lookedAt.size >= mostKnown) lookedAt.clear();
        lookedAt.set(organisation, now);
      }
      await survey(organisation, name, false);
      return true;
    },
  };
};

export type Levels = ReturnType<typeof makeLevels>;
