/** What an import reads: files, folders of Markdown, standard input. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import type { Host } from "../host.ts";

export interface Source {
  /** As the user knows it. */
  readonly name: string;
  /** `null` when nobody can tell. */
  readonly bytes: number | null;
  readonly open: () => AsyncIterable<Uint8Array>;
}

const unreadable = (name: string, cause: unknown): CairnError => {
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  const what = code === "ENOENT" ? `There is no ${name}.` : `${name} cannot be read.`;
  return new CairnError("import.invalid", what, { hint: "Check its name and that you may read it." }, { cause });
};

const isMarkdown = (name: string): boolean => /\.(?:md|markdown)$/iu.test(name);

/** The Markdown files in a folder and those below it, by name; hidden folders and links are left alone. */
const markdownFiles = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await markdownFiles(path)));
    else if (entry.isFile() && isMarkdown(entry.name)) files.push(path);
  }
  return files;
};

async function* fileChunks(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw error instanceof CairnError ? error : unreadable(name, error);
  }
}

const fileSource = async (path: string, name: string): Promise<Source> => ({
  name,
  bytes: (await stat(path)).size,
  open: () => fileChunks(path, name),
});

/** Throws import.invalid for what is not there, and for a folder without Markdown. */
export const sourcesOf = async (host: Host, names: readonly string[]): Promise<readonly Source[]> => {
  const sources: Source[] = [];
  for (const name of names) {
    if (name === "-") {
      sources.push({ name: "standard input", bytes: null, open: () => host.input });
      continue;
    }
    const path = resolve(host.cwd, name);
    try {
      if (!(await stat(path)).isDirectory()) {
        sources.push(await fileSource(path, name));
        continue;
      }
      const files = await markdownFiles(path);
      if (files.length === 0) throw new CairnError("import.invalid", `${name} holds no Markdown files.`);
      for (const file of files) sources.push(await fileSource(file, join(name, file.slice(path.length))));
    } catch (error) {
      throw error instanceof CairnError ? error : unreadable(name, error);
    }
  }
  return sources;
};
