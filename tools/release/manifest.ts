/** The parts of the root package.json that the published one is made of. */
export interface RootManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const bringsNode = (name: string): boolean => name.startsWith("node-");
const partOf = (
  versions: Readonly<Record<string, string>>,
  wanted: (name: string) => boolean,
): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(versions).filter(([name]) => wanted(name)));

/** The package.json of the published package: no workspaces, no scripts, and only what stayed outside the bundle. */
export const publishedManifest = (root: RootManifest, external: readonly string[]): object => ({
  name: root.name,
  version: root.version,
  description: root.description,
  keywords: ["memory", "agents", "mcp", "recall", "embeddings", "sqlite"],
  license: root.license,
  type: "module",
  bin: { cairn: "bin/cairn.js" },
  engines: root.engines,
  dependencies: Object.fromEntries(
    external.map((name) => {
      const version = root.dependencies[name];
      if (version === undefined) throw new Error(`${name} is missing from the dependencies of the root package.json.`);
      return [name, version];
    }),
  ),
  optionalDependencies: partOf(root.optionalDependencies, bringsNode),
  // Only who wants a local model pays for its runtime: 288 MB, and an install script that fetches more.
  peerDependencies: partOf(root.optionalDependencies, (name) => !bringsNode(name)),
  peerDependenciesMeta: Object.fromEntries(
    Object.keys(partOf(root.optionalDependencies, (name) => !bringsNode(name))).map((name) => [
      name,
      { optional: true },
    ]),
  ),
});
