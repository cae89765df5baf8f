import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSettings } from "./settings.ts";
import { defaultDataFolder, type Machine } from "./settings/data-folder.ts";
import { defaultInstanceId, isInstanceId } from "./settings/instance-id.ts";

const setup = async (config?: string) => {
  const home = await mkdtemp(join(tmpdir(), "cairn-settings-"));
  const data = join(home, "data");
  await mkdir(data);
  if (config !== undefined) await writeFile(join(data, "config.yaml"), config);
  const machine = (env: Record<string, string> = {}): Machine => ({
    platform: "linux",
    home,
    hostname: "Anna's-Laptop.local",
    env: { CAIRN_DATA: data, ...env },
  });
  return { home, data, machine, [Symbol.asyncDispose]: () => rm(home, { recursive: true }) };
};

describe("where settings come from", () => {
  test("TEN-1 OPS-1: the public address is one of the names under which the server may be called", async () => {
    await using given = await setup();
    const allowed = async (env: Record<string, string>) => (await readSettings({}, given.machine(env))).allowedHosts;
    expect(await allowed({})).toEqual([]);
    expect(await allowed({ CAIRN_PUBLIC_URL: "https://memory.example.com", CAIRN_ALLOWED_HOSTS: "nas" })).toEqual([
      "nas",
      "memory.example.com",
    ]);
    expect(await allowed({ CAIRN_PUBLIC_URL: "http://192.0.2.7:18790" })).toEqual(["192.0.2.7:18790"]);
  });

  test("OPS-1: with nothing set, the server is on 127.0.0.1:18790 and named after the machine", async () => {
    await using given = await setup();
    const settings = await readSettings({}, given.machine());
    expect(settings).toMatchObject({ host: "127.0.0.1", port: 18_790, data: given.data, instance: "anna-s-laptop" });
    expect(settings).toMatchObject({ sessionRetentionDays: 30, deletedRetentionDays: 30, warnings: [] });
  });

  test("a flag wins over a variable, a variable over the file", async () => {
    await using given = await setup("port: 1111\ninstance: file\nhost: localhost\n");
    const settings = await readSettings({ port: "3333" }, given.machine({ CAIRN_PORT: "2222", CAIRN_INSTANCE: "env" }));
    expect(settings).toMatchObject({ port: 3333, instance: "env", host: "localhost" });
  });

  test("an empty variable counts as not set", async () => {
    await using given = await setup();
    expect((await readSettings({}, given.machine({ CAIRN_PORT: "" }))).port).toBe(18_790);
  });

  test("an unknown setting warns and names the file", async () => {
    await using given = await setup("prot: 1111\n");
    const { warnings, port } = await readSettings({}, given.machine());
    expect(port).toBe(18_790);
    expect(warnings.join()).toMatch(/config\.yaml: there is no setting `prot`/u);
  });

  test("an empty file is like no file", async () => {
    await using given = await setup("# nothing yet\n");
    expect((await readSettings({}, given.machine())).warnings).toEqual([]);
  });
});

describe("a database instead of files", () => {
  test("ENG-2 is named by a flag, a variable or a file of its own, and never told", async () => {
    await using given = await setup();
    const url = "postgres://server:secret@db/cairn";
    const file = join(given.data, "url");
    await writeFile(file, `${url}\n`);
    const expected = { url, migrationUrl: url, connections: 20, cells: {} };
    expect((await readSettings({ database_url: url }, given.machine({}))).database).toEqual(expected);
    expect((await readSettings({}, given.machine({ CAIRN_DATABASE_URL: url }))).database).toEqual(expected);
    expect((await readSettings({}, given.machine({ CAIRN_DATABASE_URL_FILE: file }))).database).toEqual(expected);
    expect((await readSettings({}, given.machine({}))).database).toBeNull();
    const wrong = readSettings({}, given.machine({ CAIRN_DATABASE_URL: "secret@db" }));
    await expect(wrong).rejects.toHaveProperty("message", expect.not.stringContaining("secret"));
  });

  test("ENG-2 may be changed by another account than the one that serves", async () => {
    await using given = await setup();
    const env = { CAIRN_DATABASE_URL: "postgres://server@db/x", CAIRN_MIGRATION_DATABASE_URL: "postgres://owner@db/x" };
    expect((await readSettings({}, given.machine(env))).database).toMatchObject({
      url: "postgres://server@db/x",
      migrationUrl: "postgres://owner@db/x",
    });
  });
});

describe("what a server tells of itself", () => {
  test("OPS-4 OPS-5 by default there are no traces, lines for people, and no delay", async () => {
    await using given = await setup();
    const { observe, shutdown } = await readSettings({}, given.machine());
    expect(observe).toEqual({ logFormat: "auto", logLevel: "info", logRequests: null, tracing: null });
    expect(shutdown).toEqual({ delayMs: 0, timeoutMs: 10_000 });
  });

  test("OPS-4 the variables of OpenTelemetry switch traces on, and Cairn's own keeps them off", async () => {
    await using given = await setup("log_requests: true\ntracing_ratio: 0.25\nshutdown_delay_ms: 5000\n");
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector:4318",
      OTEL_EXPORTER_OTLP_HEADERS: "X-Key=a%20b, x-other=c=d",
    };
    const { observe, shutdown } = await readSettings({}, given.machine(env));
    expect(observe).toMatchObject({
      logRequests: true,
      tracing: { endpoint: "https://collector:4318", headers: { "x-key": "a b", "x-other": "c=d" }, ratio: 0.25 },
    });
    expect(shutdown.delayMs).toBe(5_000);
    const off = await readSettings({}, given.machine({ ...env, CAIRN_TRACING: "false" }));
    expect(off.observe.tracing).toBeNull();
    const local = await readSettings({}, given.machine({ CAIRN_TRACING: "1" }));
    expect(local.observe.tracing).toMatchObject({ endpoint: "http://localhost:4318", headers: {} });
  });
});

describe("wrong settings are errors that say where and what would be right", () => {
  const wrong: readonly (readonly [string, Record<string, string>, string | undefined, RegExp])[] = [
    [
      "a port that is no number",
      { CAIRN_PORT: "http" },
      undefined,
      /CAIRN_PORT must be a whole number from 0 to 65535/u,
    ],
    ["a port out of range", { CAIRN_PORT: "70000" }, undefined, /CAIRN_PORT must be a whole number/u],
    ["a port with a fraction in the file", {}, "port: 80.5", /port in .*config\.yaml must be a whole number/u],
    ["an instance with spaces", { CAIRN_INSTANCE: "my laptop" }, undefined, /CAIRN_INSTANCE must be 1 to 100 letters/u],
    ["broken YAML", {}, "port: [1,\nhost: x: y", /config\.yaml is not valid YAML: line \d+/u],
    ["YAML that is a list", {}, "- port", /config\.yaml does not hold settings/u],
    [
      "a switch that is neither on nor off",
      { CAIRN_TRACING: "perhaps" },
      undefined,
      /CAIRN_TRACING must be true or false/u,
    ],
    ["a share above 1", { CAIRN_TRACING_RATIO: "1.5" }, undefined, /CAIRN_TRACING_RATIO must be a number from 0 to 1/u],
    [
      "a collector that is no address",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "collector" },
      undefined,
      /OTEL_EXPORTER_OTLP_ENDPOINT must be an address/u,
    ],
    [
      "headers without names",
      { OTEL_EXPORTER_OTLP_HEADERS: "=x" },
      undefined,
      /OTEL_EXPORTER_OTLP_HEADERS must be names and values/u,
    ],
    ["an unknown form of the log", { CAIRN_LOG: "xml" }, undefined, /CAIRN_LOG must be auto, text or json/u],
    [
      "another kind of database",
      { CAIRN_DATABASE_URL: "mysql://x" },
      undefined,
      /CAIRN_DATABASE_URL must begin with postgres/u,
    ],
    [
      "a secret in no file",
      { CAIRN_DATABASE_URL_FILE: "/nowhere" },
      undefined,
      /CAIRN_DATABASE_URL_FILE names a file/u,
    ],
  ];
  test.for(wrong)("%s", async ([, env, config, message]) => {
    await using given = await setup(config);
    const failure = readSettings({}, given.machine(env));
    await expect(failure).rejects.toMatchObject({ code: "config.invalid", message: expect.stringMatching(message) });
    await expect(failure).rejects.toHaveProperty("data.hint");
  });

  test("a --config that does not exist", async () => {
    await using given = await setup();
    const flags = { config: join(given.home, "none.yaml") };
    await expect(readSettings(flags, given.machine())).rejects.toThrow(
      /--config names .*none\.yaml, which does not exist/u,
    );
  });
});

test("API-1: TribalMemory's configuration file is understood by --config", async () => {
  await using given = await setup();
  const config = join(given.home, "tribal.yaml");
  await writeFile(
    config,
    "instance_id: claw-1\ndb:\n  provider: lancedb\n  path: /tmp/x\nserver:\n  port: 18795\n  session_retention_days: 7\n",
  );
  const settings = await readSettings({ config }, given.machine());
  expect(settings).toMatchObject({ instance: "claw-1", port: 18_795, sessionRetentionDays: 7, warnings: [] });
});

describe("defaults of each system", () => {
  const machine = (platform: NodeJS.Platform, home: string, env: Record<string, string> = {}): Machine => ({
    platform,
    home,
    hostname: "h",
    env,
  });
  test("the data folder is where that system keeps application data", () => {
    expect(defaultDataFolder(machine("linux", "/home/a"))).toBe("/home/a/.local/share/cairn");
    expect(defaultDataFolder(machine("linux", "/home/a", { XDG_DATA_HOME: "/x" }))).toBe("/x/cairn");
    expect(defaultDataFolder(machine("linux", "/home/a", { XDG_DATA_HOME: "x" }))).toBe("/home/a/.local/share/cairn");
    expect(defaultDataFolder(machine("darwin", "/Users/a"))).toBe("/Users/a/Library/Application Support/cairn");
    expect(defaultDataFolder(machine("win32", "C:\\Users\\a"))).toBe("C:\\Users\\a\\AppData\\Local\\cairn");
  });

  test.each(["", "...", "日本", "-", "Host Name_9.example.org", "x".repeat(300)])(
    "the instance id made of host name %j is a valid one",
    (hostname) => {
      expect(isInstanceId(defaultInstanceId(hostname))).toBe(true);
    },
  );
});
