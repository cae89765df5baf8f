/** What the published package holds beside the bundle: data that the code reads, and what people read. */
const launcher = ["cairn.js", "cache-folder.js", "find-node.js", "run.js", "run-there.js"].map((name) => `bin/${name}`);

/** What is copied as it is, from the repository to the package. */
export const copies: readonly (readonly [from: string, to: string])[] = [
  ...launcher.map((file) => [file, file] as const),
  ["packages/embed/data", "data/embed"],
  ["packages/server/src/docs-assets", "docs-assets"],
  ["packages/server/src/account-pages/browser", "account-assets"],
  ["node_modules/graphile-worker/sql", "data/graphile-worker"],
  ["node_modules/graphile-worker/LICENSE.md", "data/graphile-worker/LICENSE.md"],
  ["LICENSE", "LICENSE"],
  ["NOTICE", "NOTICE"],
  ["README.md", "README.md"],
];
