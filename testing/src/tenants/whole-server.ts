/**
 * A whole server with sign-in on, as `cairn serve` starts it, on files of a folder of its own or on a PostgreSQL; and
 * the shell of its machine, with which `cairn admin` works on the same storage.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { homeOrganisation, localIdentity } from "@cairn/memory/permission/identity";
import type { Role, Scope } from "@cairn/memory/permission/permission";
import { requirementOf, scopes as allScopes } from "@cairn/memory/permission/permission";
import type { Caller } from "@cairn/operations/context";
import type { Operation } from "@cairn/operations/operation";
import { createKey } from "@cairn/operations/operations/keys/create";
import { makePipeline } from "@cairn/operations/pipeline";
import { serve } from "@cairn/server/serve";
import { openServices, type OpenServices } from "@cairn/server/services";
import { readSettings } from "@cairn/server/settings";
import type { z } from "zod";
import { type HttpAnswer, type HttpRequest, sendHttp } from "./http-call.ts";

export interface WholeServerOptions {
  /** `postgres://…`; absent: files. */
  readonly database?: string;
  /** Settings under the names of `config.yaml`, besides those that all have. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly instance?: string;
}

export interface RunningServer {
  readonly url: string;
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly stop: () => Promise<void>;
}

/** Whoever has the machine. */
export interface Shell extends AsyncDisposable {
  readonly services: OpenServices;
  /** In an organisation; the home organisation when absent. */
  readonly call: <In extends z.ZodType, Out extends z.ZodType>(
    operation: Operation<In, Out>,
    input: unknown,
    organisation?: string,
  ) => Promise<z.output<Out>>;
  readonly makeKey: (key: NewShellKey) => Promise<{ readonly id: string; readonly key: string }>;
}

export interface NewShellKey {
  readonly label: string;
  readonly organisation?: string;
  readonly role?: Role;
  readonly owner?: string;
  readonly space?: string;
  /** All that such a key can have when absent. */
  readonly scopes?: readonly Scope[];
  readonly addresses?: readonly string[];
  readonly expiresIn?: number;
}

export interface WholeServer extends AsyncDisposable {
  readonly folder: string;
  /** What the server told people. */
  readonly lines: readonly string[];
  readonly start: () => Promise<RunningServer>;
  /** Close it before or while the server runs, as a command would. */
  readonly shell: () => Promise<Shell>;
}

const rate = 1_000_000;
/** Nothing here is about rates, unless a test says so. */
const withoutRates = { plans: { all: { rate_per_minute: rate, rate_per_minute_key: rate } } };

export const serverSecret = "a-secret-of-tests-that-has-more-than-32-characters";

const openShell = async (settings: Awaited<ReturnType<typeof readSettings>>, warn: (line: string) => void) => {
  const services = await openServices(settings, 0, warn, null);
  const pipeline = makePipeline(
    services,
    services.access.pipeline(() => undefined),
  );
  const callerIn = (organisation: string): Caller => ({
    identity: { ...localIdentity("shell"), organisation },
    instance: "shell",
    requestId: "shell",
    edge: "cli",
    defaultSpace: "default",
    address: null,
  });
  const call: Shell["call"] = (operation, input, organisation = homeOrganisation) =>
    pipeline.call(operation, callerIn(organisation), input);
  return {
    services,
    call,
    makeKey: async ({ organisation, ...given }: NewShellKey) => {
      const scopes = allScopes.filter((scope) => given.space === undefined || requirementOf(scope).bound === true);
      const { id, key } = await call(createKey, { scopes, ...given }, organisation);
      return { id, key };
    },
    [Symbol.asyncDispose]: services.close,
  };
};

export const makeWholeServer = async ({
  database,
  settings: more = {},
  instance = "server",
}: WholeServerOptions = {}): Promise<WholeServer> => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-tenants-"));
  const config = {
    auth: "on",
    secret: [serverSecret],
    trusted_proxies: ["127.0.0.1"],
    address_rate_per_minute: rate,
    log_format: "json",
    log_level: "error",
    ...withoutRates,
    ...more,
  };
  await writeFile(join(folder, "config.yaml"), JSON.stringify(config));
  const flags = { data: folder, port: 0, instance, ...(database === undefined ? {} : { database_url: database }) };
  const lines: string[] = [];
  const warn = (line: string): void => void lines.push(line);
  const running: RunningServer[] = [];
  const shells: Shell[] = [];
  return {
    folder,
    lines,
    start: async () => {
      const { url, stop } = await serve({ flags, out: () => undefined, warn });
      const server = { url, send: (request: HttpRequest) => sendHttp(url, request), stop };
      running.push(server);
      return server;
    },
    shell: async () => {
      const shell = await openShell(await readSettings(flags), warn);
      shells.push(shell);
      return shell;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(shells.map((shell) => shell[Symbol.asyncDispose]()));
      await Promise.all(running.map(({ stop }) => stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
