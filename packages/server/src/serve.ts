/**
 * `cairn serve` on one screen: read the settings, open the services, listen, say where everything is, tidy now and
 * then, and end well.
 */
import { newId } from "@cairn/kernel/id";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { makePipeline, singleUserAuthority } from "@cairn/operations/pipeline";
import { startExtraction } from "./extraction/start.ts";
import { keepHeapSmall } from "./frugal-heap.ts";
import { startSweeping } from "./jobs/sweep.ts";
import { listen } from "./rest/listen.ts";
import { describeCause, logToStderr } from "./rest/log.ts";
import { openServices } from "./services.ts";
import { readSettings, type SettingsFlags } from "./settings.ts";

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

const greeting = (url: string, data: string, embedder: EmbeddingModel): readonly string[] => [
  `Cairn remembers at ${url}  (reference: ${url}/docs)`,
  `  data      ${data}`,
  `  embedder  ${embedderLine(embedder)}`,
  "  connect   cairn init --claude-code · --claude-desktop · --codex   (npm run cairn -- init --codex in a clone)",
  `  try       curl -s ${url}/v1/recall -H 'Content-Type: application/json' -d '{"query":"what did I say about tea?"}'`,
];

const failed = (route: string) => (error: unknown) => {
  const cause = describeCause(error);
  logToStderr({
    requestId: newId(),
    route,
    code: "internal",
    milliseconds: 0,
    ...(cause === undefined ? {} : { cause }),
  });
};

/** Throws config.invalid, storage.*, server.port_in_use, server.address_refused; nothing stays open then. */
export const serve = async ({ flags = {}, out, warn }: ServeOptions): Promise<Serving> => {
  keepHeapSmall();
  const settings = await readSettings(flags);
  for (const warning of settings.warnings) warn(warning);
  await using opening = new AsyncDisposableStack();
  const services = await openServices(settings, undefined, warn);
  opening.defer(services.close);
  const { promise: ended, resolve: end, reject: endBadly } = Promise.withResolvers<void>();
  const extraction = startExtraction(services, settings, { failed: failed("extraction"), warn });
  const pipeline = makePipeline(services, singleUserAuthority, (record) => extraction?.observe(record));
  const { host, port, allowedHosts } = settings;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= closeAll()
      .then(end, endBadly)
      .then(() => ended));
  const server = await listen({
    pipeline,
    host,
    port,
    allowedHosts,
    onShutdown: () => void stop().catch(failed("shutdown")),
  });
  const sweeping = startSweeping(services, { failed: failed("sweep") });
  services.startVectors({ failed: failed("vectors"), warn });
  opening.move();
  const closeAll = async (): Promise<void> => {
    await server.close();
    await Promise.all([sweeping.stop(), extraction?.stop()]);
    await services.close();
    for (const [event, listener] of listeners) process.off(event, listener);
  };
  const onSignal = (): void => void stop().catch(failed("shutdown"));
  // A defect in one call must not end everybody's memory: it is logged, and the server goes on.
  const listeners = [
    ["SIGINT", onSignal],
    ["SIGTERM", onSignal],
    ["unhandledRejection", failed("unhandled")],
    ["uncaughtException", failed("uncaught")],
  ] as const;
  for (const [event, listener] of listeners) process.on(event, listener);
  for (const line of greeting(server.url, settings.data, services.embedder.model)) out(line);
  return { url: server.url, ended, stop };
};
