/** What the estimates of a large space lose, measured on a few of its own memories (ENG-7). */
import { tuning } from "@cairn/memory/recall/tuning";
import type { Services } from "@cairn/operations/context";
import { measureFirstPass } from "@cairn/operations/first-pass";
import { type Finding, note, ok } from "./finding.ts";

const sample = 20;
/** Below this share of the true best ten the estimates are worth a look. */
const expected = 0.98;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Nothing for spaces in which nothing is estimated, or nothing can be asked. */
export const checkFirstPass = async (
  check: string,
  space: string,
  services: Services,
  memories: number,
): Promise<readonly Finding[]> => {
  if (memories < tuning.sketchFrom) return [];
  const { questions, byMeaning, byAll } = await measureFirstPass(services, space, sample);
  if (questions === 0) return [];
  const message = `the first pass keeps ${percent(byAll)} of the best ten, ${percent(byMeaning)} by meaning alone (${questions} questions)`;
  return [byMeaning < expected ? note(check, message) : ok(check, message)];
};
