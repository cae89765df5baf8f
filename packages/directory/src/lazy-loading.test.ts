import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** What a fresh process loads besides Cairn's own files when it opens a directory and asks nothing. */
const loadedBy = async (module: string, opening: string): Promise<string> => {
  const url = new URL(module, import.meta.url).href;
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => {
      if (url.includes("node_modules/")) loaded.push(url);
      return next(url, context);
    } });
    const opened = await import(${JSON.stringify(url)});
    const directory = opened.${opening};
    console.log(loaded.filter((url) => !url.includes("@cairn")).join(" "));
    await directory.close();
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
  return stdout.trim();
};

test("a directory that nobody has asked yet has loaded neither Kysely nor a driver", async () => {
  expect(await loadedBy("sqlite-space-directory.ts", 'openSpaceDirectory({ file: "/nowhere/directory.db" })')).toBe("");
  const url = '"postgres://nobody@127.0.0.1:1/none"';
  expect(await loadedBy("postgres-space-directory.ts", `openPostgresSpaceDirectory({ url: ${url} })`)).toBe("");
});
