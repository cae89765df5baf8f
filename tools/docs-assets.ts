/**
 * Copies the reference page's library into the server, from the installed development dependency: the published
 * package then needs no download for `/docs`. Run it after changing the version of swagger-ui-dist.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const source = join(root, "node_modules", "swagger-ui-dist");
const target = join(root, "packages", "server", "src", "docs-assets");
const files = ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt"] as const;

const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as { readonly version: string };
await mkdir(target, { recursive: true });
for (const file of files) await copyFile(join(source, file), join(target, file));
await copyFile(join(source, "LICENSE"), join(target, "LICENSE"));
await copyFile(join(source, "NOTICE"), join(target, "NOTICE"));
await writeFile(
  join(target, "README.md"),
  [
    `\`swagger-ui.css\` and \`swagger-ui-bundle.js\` are unchanged copies from swagger-ui-dist ${version}`,
    "(Copyright SmartBear Software Inc., Apache License 2.0: `LICENSE`, `NOTICE`; the licences of what is bundled in it:",
    "`swagger-ui-bundle.js.LICENSE.txt`). `tools/docs-assets.ts` made them; `index.html` and `init.js` are ours.",
    "",
  ].join("\n"),
);
process.stdout.write(`Copied the assets of swagger-ui-dist ${version}.\n`);
