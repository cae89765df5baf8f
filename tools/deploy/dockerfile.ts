/**
 * Reads as much of a Dockerfile as the tests of ours ask for. Reference:
 * https://docs.docker.com/reference/dockerfile/
 */
export interface Instruction {
  /** In capitals, such as `RUN`. */
  readonly name: string;
  /** What follows it, on one line. */
  readonly rest: string;
}

/** Comments are left out and continued lines joined. */
export const instructionsOf = (dockerfile: string): readonly Instruction[] =>
  dockerfile
    .split("\n")
    .filter((line) => !/^\s*#/u.test(line))
    .join("\n")
    .replace(/\\\n\s*/gu, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", ...rest] = line.split(/\s+/u);
      return { name: name.toUpperCase(), rest: rest.join(" ") };
    });

/** The stages, each beginning with its FROM; what stands before the first is no stage. */
export const stagesOf = (instructions: readonly Instruction[]): readonly (readonly Instruction[])[] => {
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === "FROM") stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
};

/** What follows `name` in a stage, each time that it is there. */
export const all = (stage: readonly Instruction[], name: string): readonly string[] =>
  stage.filter((instruction) => instruction.name === name).map(({ rest }) => rest);

/** A command in its JSON form; throws where it is in the form that starts a shell, which would take the signals. */
export const execForm = (rest: string): readonly string[] => {
  const words: unknown = JSON.parse(rest.slice(rest.indexOf("[")));
  if (!Array.isArray(words) || words.some((word) => typeof word !== "string"))
    throw new Error(`Not a command: ${rest}`);
  return words as readonly string[];
};

/** `ENV A=1 B=2` as an object. Quoted values are not known here. */
export const environmentOf = (stage: readonly Instruction[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    all(stage, "ENV")
      .flatMap((rest) => rest.split(" "))
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
