/**
 * What a build of the image is given: the working tree, less what .dockerignore leaves out. Knows the patterns that
 * ours consists of: `*`, `!path`, and `**` before a name.
 */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join, matchesGlob, relative, sep } from "node:path";

export interface IgnoreRules {
  /** Files and folders that are let in. */
  readonly let: readonly string[];
  /** What is kept out of those again. */
  readonly kept: readonly string[];
}

/** Throws for a file that lets in everything, or says it in a way that is not known here. */
export const ignoreRulesOf = (text: string): IgnoreRules => {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const [first, ...rest] = lines;
  if (first !== "*") throw new Error(".dockerignore must begin by leaving out everything.");
  const names = rest.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const kept = rest.slice(names.length);
  const wrong = [...names.filter((name) => /[*?[\]\\]/u.test(name)), ...kept.filter((line) => !line.startsWith("**/"))];
  if (wrong.length > 0) throw new Error(`.dockerignore: not understood here: ${wrong.join(", ")}`);
  return { let: names, kept };
};

/** `path` is relative to the root of the repository, with `/`. */
export const isLetIn = (rules: IgnoreRules, path: string): boolean => {
  const within = (name: string): boolean => path === name || path.startsWith(`${name}/`);
  const parents = path.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/"));
  return rules.let.some(within) && !parents.some((one) => rules.kept.some((pattern) => matchesGlob(one, pattern)));
};

/** Copies what a build would be given. */
export const copyBuildContext = (root: string, target: string): void => {
  const rules = ignoreRulesOf(readFileSync(join(root, ".dockerignore"), "utf8"));
  for (const name of rules.let) {
    if (!existsSync(join(root, name))) throw new Error(`.dockerignore lets in ${name}, which does not exist.`);
    cpSync(join(root, name), join(target, name), {
      recursive: true,
      filter: (from) => isLetIn(rules, relative(root, from).split(sep).join("/")),
    });
  }
};
