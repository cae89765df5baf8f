import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** The folder of the npm package that a bundled module comes from; undefined for our own. */
export const packageFolder = (module: string): string | undefined =>
  /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/u.exec(module)?.[0];

const licenceText = (folder: string): string => {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/iu.test(name));
  return file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim();
};

/** What others' licences ask of whoever ships their code inside a bundle: their names and their words. */
export const bundledLicences = (modules: readonly string[]): string => {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  const sections = Array.from(folders)
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
      return `${name} ${version} (${license ?? "see below"})\n\n${licenceText(folder)}`;
    })
    .toSorted();
  return ["This package contains code of the following packages.", ...sections].join(`\n\n${"-".repeat(80)}\n\n`);
};
