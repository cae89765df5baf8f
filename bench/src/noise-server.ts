/** A private server that asks who calls, with two organisations and a key of each. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { mintKey } from "@cairn/directory/keys/key-format";
import { hashKey, peppersOf } from "@cairn/directory/keys/key-hash";
import { agentScopes } from "@cairn/memory/permission/permission";
import { secretsOf } from "@cairn/server/auth/secrets";
import { openServices } from "@cairn/server/services";
import { readSettings } from "@cairn/server/settings";
import { endsWithUs } from "./children.ts";

export interface KeyedServer {
  readonly url: string;
  readonly keys: readonly [string, string];
  readonly stop: () => Promise<void>;
}

const root = join(import.meta.dirname, "../..");
const startWithinMs = 60_000;

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** Before the server runs: what administrators do once. */
const prepare = async (data: string, secret: string): Promise<readonly [string, string]> => {
  const env = { CAIRN_DATA: data, CAIRN_SECRET: secret };
  const settings = await readSettings({}, { platform: process.platform, home: data, hostname: "bench", env });
  const services = await openServices(settings, 0);
  const peppers = peppersOf(secretsOf([secret]));
  const keyOf = async (name: string): Promise<string> => {
    const organisation = await services.tenants.organisations.create({ name, createdBy: "bench" });
    await services.engine.create(organisation.defaultSpace);
    const { id, key } = mintKey();
    await services.tenants.keys.create({
      id,
      organisation: organisation.id,
      owner: null,
      role: "editor",
      space: null,
      label: name,
      scopes: agentScopes,
      instance: null,
      addresses: null,
      replaces: null,
      createdBy: "bench",
      expiresAt: null,
      ...hashKey(peppers.current, key),
    });
    return key;
  };
  try {
    return [await keyOf("importer"), await keyOf("asker")];
  } finally {
    await services.close();
  }
};

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

const untilReady = async (url: string, child: ChildProcess): Promise<void> => {
  for (const until = performance.now() + startWithinMs; performance.now() < until; await pause(50)) {
    if (hasEnded(child)) throw new Error(`The server ended with ${child.exitCode ?? child.signalCode}.`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
  }
  throw new Error("The server was not ready in time.");
};

export const startKeyedServer = async (): Promise<KeyedServer> => {
  const data = mkdtempSync(join(tmpdir(), "cairn-noise-"));
  const secret = randomBytes(32).toString("base64");
  const keys = await prepare(data, secret);
  const port = await freePort();
  const env = {
    ...process.env,
    CAIRN_DATA: data,
    CAIRN_PORT: String(port),
    CAIRN_INSTANCE: "bench",
    CAIRN_AUTH: "on",
    CAIRN_SECRET: secret,
  };
  const child = endsWithUs(
    spawn(process.execPath, [join(root, "bin/launch.js"), "serve"], {
      cwd: root,
      env,
      stdio: ["ignore", "ignore", "inherit"],
    }),
  );
  const stop = async (): Promise<void> => {
    if (!hasEnded(child)) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(data, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, keys, stop };
};
