/** Whether spaces in a database are whole: all of them, or so many picked at random where there are thousands. */
import type { SpaceDirectory, SpaceRecord } from "@cairn/directory/space-directory";
import { toCairnError } from "@cairn/kernel/error";
import { checkSpace, type SpaceAdvice, type SpaceCheck } from "./check-spaces.ts";
import { type Finding, note, problem } from "./finding.ts";

export interface DatabaseSpacesCheck extends SpaceCheck {
  /** Every space, however long it takes. */
  readonly all: boolean;
  /** How many are looked at otherwise; 100. */
  readonly sample?: number;
  readonly random?: () => number;
}

const onPage = 1_000;

const advice: SpaceAdvice = {
  restore: () => "Restore the database from a backup, or import the last export of this space: cairn import <file>",
  retry: "Try again; if it stays, look at the log of the database",
};

/** Of all spaces so many, each with the same chance (Vitter's algorithm R), and how many there are. */
const pick = async (directory: SpaceDirectory, most: number, random: () => number, signal: AbortSignal) => {
  const picked: SpaceRecord[] = [];
  let count = 0;
  for (let after: string | null = null; ;) {
    signal.throwIfAborted();
    const page: readonly SpaceRecord[] = await directory.page({ after, limit: onPage });
    for (const space of page) {
      const at = count < most ? count : Math.floor(random() * (count + 1));
      if (at < most) picked[at] = space;
      count += 1;
    }
    after = page.at(-1)?.id ?? null;
    if (page.length < onPage) return { picked, count };
  }
};

export const checkDatabaseSpaces = async (options: DatabaseSpacesCheck): Promise<readonly Finding[]> => {
  const { services, all, sample = 100, random = Math.random, signal } = options;
  try {
    const { picked, count } = await pick(services.directory, all ? Infinity : sample, random, signal);
    const findings: Finding[] = [];
    for (const space of picked) {
      signal.throwIfAborted();
      findings.push(...(await checkSpace(space, options, advice)));
    }
    if (picked.length === count) return findings;
    const said = `${picked.length} of ${count} were looked at, picked at random`;
    return [...findings, note("spaces", said, "cairn doctor --all looks at every one")];
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message } = toCairnError(error);
    return [problem("directory", `${message} [${code}]`, "Look at the log of the database")];
  }
};
