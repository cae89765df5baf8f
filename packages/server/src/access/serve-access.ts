/**
 * What a server adds to `open-access.ts` for those who call it over HTTP: who calls, limits of calls, the pages and
 * routes with which people sign in, and what is recorded of requests besides their operations.
 */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { PeopleDirectory } from "@cairn/directory/people/people-directory";
import { defineJob, type JobType } from "@cairn/jobs/job-type";
import type { Clock } from "@cairn/kernel/clock";
import type { Services } from "@cairn/operations/context";
import { type CallLimits, unlimited } from "@cairn/operations/limits";
import { bearerOf, makeAuthenticator } from "../auth/authenticator.ts";
import { makeClientAddress } from "../auth/client-address.ts";
import { jwksPage } from "../auth/jwks.ts";
import { makeKeyReader } from "../auth/key-reader.ts";
import { makeLastUses } from "../auth/last-uses.ts";
import { accountPages } from "../account-pages/account-pages.ts";
import { recordedLimits } from "../ledger/wire-ledger.ts";
import { limitJobs } from "../limits/limit-jobs.ts";
import { makeLook } from "../limits/look.ts";
import { openCallLimits } from "../limits/call-limits.ts";
import type { LogLevel } from "../observe/log.ts";
import type { RequestEnd, RequestObserver, RequestRecord } from "../observe/request-record.ts";
import type { Action, AppOptions, Page, RequestContext } from "../rest/app.ts";
import type { Known, WhoCalls } from "../rest/who-calls.ts";
import type { Settings } from "../settings.ts";
import type { Storage } from "../storage/storage.ts";
import type { Access } from "./open-access.ts";
import { peppersOf } from "@cairn/directory/keys/key-hash";

export interface ServeAccessOptions {
  readonly access: Access;
  readonly storage: Pick<Storage, "directory" | "directoryDatabase" | "limitCounters">;
  readonly services: Pick<Services, "engine">;
  readonly settings: Pick<Settings, "access" | "plans">;
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
  readonly notice: (level: LogLevel, line: string) => void;
}

export interface ServeAccess {
  readonly whoCalls: WhoCalls;
  readonly limits: CallLimits;
  readonly pages: readonly Page[];
  readonly actions: readonly Action[];
  readonly refused: NonNullable<AppOptions["refused"]>;
  /** The same observer, and bandwidth is metered. */
  readonly requests: (inner: RequestObserver) => RequestObserver;
  readonly jobs: readonly JobType[];
  readonly figures: () => Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
}

const headerOf = ({ headers }: IncomingMessage, name: string): string | null => {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : null;
};

/** Headers that came more than once are joined as Node joins them; cookies are one header. */
const headersOf = ({ headers }: IncomingMessage): Headers =>
  new Headers(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as [string, string]],
    ),
  );

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Links, sessions and counters that have run out. */
const accountsJob = (people: Pick<PeopleDirectory, "sweep">): JobType =>
  defineJob({
    name: "sweep-accounts",
    parse: () => null,
    schedule: { everyMs: 60 * 60_000, firstMs: 60_000, jitterMs: 60_000 },
    run: async () => void (await people.sweep()),
  });

export const openServeAccess = (options: ServeAccessOptions): ServeAccess => {
  const { access, storage, services, settings, clock, failed, notice } = options;
  const { tenants, ledger, signsIn } = access;
  const { organisations } = tenants;
  const clientAddress = makeClientAddress(settings.access.trustedProxies);
  const addressOf = (incoming: IncomingMessage): string | null =>
    clientAddress(incoming.socket.remoteAddress, headerOf(incoming, "x-forwarded-for"));
  const counters = storage.limitCounters();
  const spacesOf = async (organisation: string): Promise<readonly string[]> =>
    (await storage.directory.list(organisation)).map(({ id }) => id);
  const limits = openCallLimits({
    counters,
    plans: settings.plans.plans,
    planOf: async (organisation) => (await organisations.find(organisation))?.plan ?? null,
    look: makeLook({ engine: services.engine, database: storage.directoryDatabase, spacesOf, clock }),
    clock,
    addressRatePerMinute: settings.plans.addressRatePerMinute,
    failed,
  });
  const recorded = recordedLimits(limits, ledger);
  const uses = makeLastUses({ keys: tenants.keys, clock });
  const readKey = async () => {
    const peppers = peppersOf(await access.secrets());
    return makeKeyReader({ keys: tenants.keys, organisations, peppers, clock, uses, notice });
  };
  let keyReader: ReturnType<typeof readKey> | undefined;
  const authenticator = makeAuthenticator({
    readers: {
      key: async (shown) => (await (keyReader ??= readKey()))(shown),
      token: access.tokens.reader,
      session: async (shown) => (shown.headers.has("cookie") ? (await access.accounts()).sessionReader(shown) : null),
    },
    requires: signsIn,
    failures: limits.failures,
  });

  const identify = async (incoming: IncomingMessage): Promise<Known> => {
    const address = addressOf(incoming);
    const identity = await authenticator.identify({
      bearer: bearerOf(headerOf(incoming, "authorization")),
      headers: headersOf(incoming),
      organisation: headerOf(incoming, "cairn-organisation"),
      address,
      unsafe: !safeMethods.has(incoming.method ?? ""),
    });
    return { identity, address };
  };

  /** On a laptop without sign-in there is nothing to look after. */
  const whereSignedIn = ({ answer, ...page }: Page): Page => ({
    ...page,
    answer: async (context) => ((await signsIn()) ? answer(context) : context.notFound()),
  });

  const answerAccounts = async (context: RequestContext): Promise<Response> => {
    if (!(await signsIn())) return context.notFound();
    const { incoming } = context.env;
    const method = incoming.method ?? "GET";
    const request = new Request(new URL(context.req.path, access.publicUrl()), {
      method,
      headers: headersOf(incoming),
      ...(safeMethods.has(method) ? {} : { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }),
    });
    const url = new URL(context.req.url, access.publicUrl());
    const asked =
      url.search === "" ? request : new Request(new URL(`${url.pathname}${url.search}`, access.publicUrl()), request);
    const { handle } = await access.accounts();
    return handle(asked, { address: addressOf(incoming), requestId: context.var.record.requestId });
  };

  return {
    whoCalls: { isAsked: signsIn, addressOf, identify },
    limits: {
      admit: async (caller, operation) => ((await signsIn()) ? recorded : unlimited).admit(caller, operation),
    },
    pages: [
      ...accountPages().map(whereSignedIn),
      jwksPage(access.tokens.keys),
      { path: "/auth/*", answer: answerAccounts },
    ],
    actions: [{ method: "POST", path: "/auth/*", answer: answerAccounts }],
    refused: ({ requestId, address }, { code }) =>
      ledger.signIn({ operation: "sign-in.credential", outcome: "denied", code, identity: null, address, requestId }),
    requests: (inner) => ({
      begin: (record, headers, run) => {
        const end = inner.begin(record, headers, run);
        return (ended: RequestRecord, how: RequestEnd) => {
          end(ended, how);
          const { caller, spaces } = ended;
          if (caller === null || caller.identity.principal === "local") return;
          const [space = null] = spaces.size === 1 ? spaces : [];
          ledger.bandwidth({ identity: caller.identity, space, bytesIn: how.received, bytesOut: how.bytes });
        };
      },
    }),
    jobs: [...limitJobs({ limits, counters, organisations, clock }), accountsJob(tenants.people)],
    figures: limits.figures,
    close: async () => {
      await uses.close();
      await limits.close();
    },
  };
};
