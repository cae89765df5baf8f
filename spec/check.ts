import type { Requirement } from "./requirements.ts";

/** One test that ran: where it is, its full title, and how it ended. */
export interface TestResult {
  readonly file: string;
  readonly title: string;
  readonly state: "passed" | "failed" | "skipped";
}

/** Only the areas that exist count as ids: titles also speak of UTF-16, SHA-256 or a ticket called ABC-7. */
export const requirementIds = (title: string, areas: ReadonlySet<string>): readonly string[] =>
  Array.from(title.matchAll(/\b([A-Z]{2,4})-\d+\b/gu))
    .filter(([, area = ""]) => areas.has(area))
    .map(([id]) => id);

const areasOf = (requirements: Readonly<Record<string, Requirement>>): ReadonlySet<string> =>
  new Set(Object.keys(requirements).map((id) => id.slice(0, id.indexOf("-"))));

/**
 * Holds the tests that ran against the promises made, and says in sentences what is broken.
 *
 * `complete` is false when only some of the tests were asked for: an id without a passing test proves nothing then.
 */
export const brokenPromises = (
  requirements: Readonly<Record<string, Requirement>>,
  results: readonly TestResult[],
  complete: boolean,
): readonly string[] => {
  const areas = areasOf(requirements);
  const named = results.flatMap((result) => requirementIds(result.title, areas).map((id) => ({ id, result })));

  const unknown = named
    .filter(({ id }) => !Object.hasOwn(requirements, id))
    .map(
      ({ id, result }) => `${result.file}: "${result.title}" names ${id}, which spec/requirements.ts does not list.`,
    );
  if (!complete) return unknown;

  const idsOf = (state: TestResult["state"]): ReadonlySet<string> =>
    new Set(named.filter(({ result }) => result.state === state).map(({ id }) => id));
  const [proven, skipped] = [idsOf("passed"), idsOf("skipped")];
  const unproven = Object.entries(requirements)
    .filter(
      ([id, { state, needs }]) => state === "done" && !proven.has(id) && !(needs !== undefined && skipped.has(id)),
    )
    .map(([id, { title }]) => `${id} (${title}) is marked done, but no passing test names it.`);
  return [...unknown, ...unproven];
};
