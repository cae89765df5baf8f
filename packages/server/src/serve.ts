/**
 * `cairn serve` on one screen: read the settings, open the services, listen, say where everything is, tidy now and
 * then, and end well.
 */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { makePipeline } from "@cairn/operations/pipeline";
import { openServeAccess } from "./access/serve-access.ts";
import { startExtraction } from "./extraction/start.ts";
import { keepHeapSmall } from "./frugal-heap.ts";
import { jobFigures } from "./jobs/job-figures.ts";
import { drain, onEndingSignal } from "./observe/ending.ts";
import { openObserver } from "./observe/observer.ts";
import { makeReadiness } from "./observe/readiness.ts";
import { isLoopback, openDoor, requireLoopback, requireNoProxy } from "./rest/door.ts";
import { listen } from "./rest/listen.ts";
import { openServices } from "./services.ts";
import { readSettings, type SettingsFlags } from "./settings.ts";
import { version } from "./version.ts";

export interface ServeOptions {
  readonly flags?: SettingsFlags;
  /** Takes whole lines, for people. */
  readonly out: (line: string) => void;
  readonly warn: (line: string) => void;
}

export interface Serving {
  readonly url: string;
  /** Resolves when the server has ended: by `stop`, by a signal, or by `POST /v1/shutdown`. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

const embedderLine = ({ id, provider }: EmbeddingModel): string => {
  if (provider === "builtin") return `${id}, built in, offline`;
  if (provider !== "openai") return `${id}, in this process, offline`;
  return id.replace(/^openai:(.*@\d+)\/(.*)$/u, "$1, at $2");
};

const greeting = (url: string, place: string, embedder: EmbeddingModel, signsIn: boolean): readonly string[] => [
  `Cairn remembers at ${url}  (reference: ${url}/docs)`,
  `  data      ${place}`,
  `  embedder  ${embedderLine(embedder)}`,
  "  connect   cairn init --claude-code · --claude-desktop · --codex   (npm run cairn -- init --codex in a clone)",
  ...(signsIn ? [`  sign in   ${url}/sign-in; programs send a key: cairn admin key create`] : []),
  `  try       curl -s ${url}/v1/recall${signsIn ? ' -H "Authorization: Bearer $CAIRN_API_KEY"' : ""} -H 'Content-Type: application/json' -d '{"query":"what did I say about tea?"}'`,
];

/** Throws config.invalid, storage.*, server.port_in_use, server.address_refused; nothing stays open then. */
export const serve = async ({ flags = {}, out, warn }: ServeOptions): Promise<Serving> => {
  keepHeapSmall();
  const settings = await readSettings(flags);
  const { host, port, allowedHosts, instance, shutdown } = settings;
  const servesOthers = !isLoopback(host) || settings.database !== null;
  const observed = { settings: settings.observe, servesOthers, instance, version, warn };
  const { log, metrics, failed, ...observer } = await openObserver(observed);
  const told = { failed, warn: (line: string) => log.notice("warn", line) };
  for (const warning of settings.warnings) told.warn(warning);
  await using opening = new AsyncDisposableStack();
  opening.defer(observer.close);
  const listening = { host, port, patienceMs: shutdown.timeoutMs };
  // Where others are served, opening may mean migrating: probes are answered meanwhile.
  const door = servesOthers ? await openDoor({ ...listening, signsIn: true, failed: failed("socket") }) : undefined;
  opening.defer(async () => door?.close());
  const services = await openServices(settings, undefined, told.warn, process.stderr.isTTY ? warn : null);
  opening.defer(services.close);
  const { access, storage } = services;
  // Nobody could have come in yet: until now the door answered probes alone.
  if (!(await access.signsIn())) {
    requireLoopback(host);
    requireNoProxy(settings.access);
  }
  const accessOptions = { access, storage, services, settings, clock: services.clock };
  const serveAccess = openServeAccess({ ...accessOptions, failed: failed("access"), notice: log.notice });
  opening.defer(serveAccess.close);
  const { promise: ended, resolve: end, reject: endBadly } = Promise.withResolvers<void>();
  const { lease, leads } = storage;
  const shared = { lease, leads, noteOf: access.noteOfJob, failed: failed("extraction"), warn: told.warn };
  const extraction = startExtraction(services, settings, shared);
  const pipeline = makePipeline(observer.services(services), {
    limits: serveAccess.limits,
    ...access.pipeline((record) => {
      observer.operation(record);
      extraction?.observe(record);
    }),
  });
  const readiness = makeReadiness({
    checks: {
      storage: storage.check,
      ledger: access.ledger.check,
      embedder: async () => services.embeddingFigures(),
    },
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= closeAll()
      .then(end, endBadly)
      .then(() => ended));
  const onShutdown = (): void => void stop().catch(failed("shutdown"));
  const server = await listen({
    ...listening,
    ...(door === undefined ? {} : { door }),
    pipeline: observer.pipeline(pipeline),
    allowedHosts,
    onShutdown,
    log: log.failure,
    readiness,
    metrics,
    requests: serveAccess.requests(observer.requests),
    answers: storage.answers,
    signsIn: true,
    whoCalls: serveAccess.whoCalls,
    refused: serveAccess.refused,
    morePages: serveAccess.pages,
    moreActions: serveAccess.actions,
  });
  access.listensAt(server.url);
  metrics.registerCollector("cairn_http", "HTTP requests now.", () => ({ requestsUnderWay: server.underWay() }));
  const { databaseFigures } = storage;
  if (databaseFigures !== null) metrics.registerCollector("cairn_database", "Of the database.", databaseFigures);
  const jobs = services.jobs(
    { jobFailed: ({ name }, error) => failed(`job ${name}`)(error), failed: failed("jobs") },
    serveAccess.jobs,
  );
  metrics.registerCollector("cairn_ledger", "Of usage and audit.", access.ledger.figures);
  metrics.registerCollector("cairn_limits", "Of limits of calls.", serveAccess.figures);
  metrics.registerCollector("cairn_jobs", "Of the queue of jobs.", async () =>
    jobFigures(await jobs.counts(), jobs.figures()),
  );
  jobs.start();
  access.ledger.start();
  services.startVectors({ failed: failed("vectors"), warn: told.warn });
  opening.move();
  const closeAll = async (): Promise<void> => {
    try {
      await drain({ readiness, server, settings: shutdown });
      await Promise.all([jobs.stop(shutdown.timeoutMs), extraction?.stop(), serveAccess.close()]);
      await services.close();
    } finally {
      await observer.close();
      for (const [event, listener] of listeners) process.off(event, listener);
    }
  };
  const onSignal = onEndingSignal({ stop: onShutdown, abort: (status) => process.exit(status) });
  // A defect in one call must not end everybody's memory: it is logged, and the server goes on.
  const listeners = [
    ["SIGINT", onSignal],
    ["SIGTERM", onSignal],
    ["unhandledRejection", failed("unhandled")],
    ["uncaughtException", failed("uncaught")],
  ] as const;
  for (const [event, listener] of listeners) process.on(event, listener);
  readiness.started();
  const at = settings.access.publicUrl ?? server.url;
  for (const line of greeting(at, storage.place, services.embedder.model, await access.signsIn())) out(line);
  log.notice("info", `Cairn ${version} listens at ${server.url}.`);
  return { url: server.url, ended, stop };
};
