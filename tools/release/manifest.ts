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
  optionalDependencies: root.optionalDependencies,
});
