/** Whether each space's file and indexes are whole, and mending what can be mended. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { defaultSpaceId, type SpaceRecord } from "@cairn/directory/space-directory";
import { toCairnError } from "@cairn/kernel/error";
import type { CheckFinding } from "@cairn/memory/space/engine";
import type { Services } from "@cairn/operations/context";
import { checkFirstPass } from "./check-first-pass.ts";
import { checkVectors, needNone } from "./check-vectors.ts";
import { type Finding, note, ok, problem } from "./finding.ts";
import { fillVectors, type FillProgress } from "./fill-vectors.ts";

/** What is said of a space that cannot be mended where it is. */
export interface SpaceAdvice {
  readonly restore: (space: SpaceRecord) => string;
  readonly retry: string;
}

export interface SpaceCheck {
  readonly services: Services;
  readonly repair: boolean;
  readonly signal: AbortSignal;
  readonly progress: FillProgress;
}

export interface SpacesCheck extends SpaceCheck {
  readonly data: string;
}

const repairCommand = "cairn doctor --repair";

const fileOf = (data: string, id: string): string => join(data, "spaces", `${id}.db`);

const fileAdvice = (data: string): SpaceAdvice => ({
  restore: ({ id }) =>
    `Move ${fileOf(data, id)} away with its -wal and -shm, then import your last export: cairn import <file>. A copy made before an update may lie beside it`,
  retry: "Try again; if it stays, look at the permissions of the data folder",
});

const findingOf = (check: string, { code, message, repairable }: CheckFinding, restore: string): Finding =>
  problem(check, `${message} [${code}]`, repairable ? repairCommand : restore);

const findingsOf = async (
  check: string,
  found: readonly CheckFinding[],
  restore: string,
  services: Services,
  space: string,
) => {
  const findings: Finding[] = [];
  for (const one of found) {
    const harmless = one.code === "vectors.missing" && (await needNone(services, space));
    findings.push(
      harmless ? note(check, `${one.message} They say nothing to the embedder.`) : findingOf(check, one, restore),
    );
  }
  return findings;
};

export const checkSpace = async (
  space: SpaceRecord,
  options: SpaceCheck,
  advice: SpaceAdvice,
): Promise<readonly Finding[]> => {
  const { services, repair } = options;
  const check = `space ${space.name}`;
  const restore = advice.restore(space);
  try {
    const before = await services.engine.check(space.id);
    if (before.length === 0) {
      const { memories } = await services.engine.read(space.id).stats();
      const vectors = await checkVectors(check, space.id, services, null);
      if (!repair || vectors.length === 0) {
        const first = await checkFirstPass(check, space.id, services, memories);
        return [ok(check, `${memories} memories, indexes in step`), ...first, ...vectors];
      }
    }
    if (!repair) {
      const findings = await findingsOf(check, before, restore, services, space.id);
      return [...findings, ...(await checkVectors(check, space.id, services, null))];
    }
    if (before.length > 0) await services.engine.repair(space.id);
    const { filled, unavailable } = await fillVectors(services, space.id, options.signal, options.progress);
    const left = await services.engine.check(space.id);
    const mended = before.filter(({ code }) => !left.some((one) => one.code === code));
    const findings = [
      ...mended.map(({ message, code }) => ok(check, `mended: ${message} [${code}]`)),
      ...(filled > 0 ? [ok(check, `${filled} texts got their vectors`)] : []),
      ...(await findingsOf(check, left, restore, services, space.id)),
      ...(await checkVectors(check, space.id, services, unavailable)),
    ];
    return findings.length > 0 ? findings : [ok(check, "indexes in step")];
  } catch (error) {
    const { code, message } = toCairnError(error);
    const fix =
      code === "storage.corrupt"
        ? restore
        : code === "storage.newer"
          ? "Update Cairn to the version that wrote it"
          : advice.retry;
    return [problem(check, `${message} [${code}]`, fix)];
  }
};

export const checkSpaces = async (options: SpacesCheck): Promise<readonly Finding[]> => {
  const { data, services, signal } = options;
  const findings: Finding[] = [];
  let spaces: readonly SpaceRecord[];
  try {
    spaces = await services.directory.list();
  } catch (error) {
    const { code, message } = toCairnError(error);
    return [
      problem(
        "directory",
        `${message} [${code}]`,
        `Put a copy of ${join(data, "directory.db")} back; without one, move it away: the default space goes on, other spaces lie in spaces/`,
      ),
    ];
  }
  const files = new Set(await readdir(join(data, "spaces")).catch((): string[] => []));
  for (const space of spaces) {
    signal.throwIfAborted();
    const hasFile = files.has(`${space.id}.db`);
    if (hasFile) findings.push(...(await checkSpace(space, options, fileAdvice(data))));
    else if (space.id === defaultSpaceId) findings.push(note(`space ${space.name}`, "nothing is remembered yet"));
    else
      findings.push(
        problem(
          `space ${space.name}`,
          "Its file is gone.",
          `Put ${fileOf(data, space.id)} back, or cairn spaces remove ${space.name}`,
        ),
      );
  }
  for (const name of files) {
    const id = /^(.+)\.db$/u.exec(name)?.[1];
    if (id === undefined || spaces.some((space) => space.id === id)) continue;
    findings.push(
      note("spaces", `${name} belongs to no space in the directory.`, "Move it away if you do not miss it"),
    );
  }
  return findings;
};
