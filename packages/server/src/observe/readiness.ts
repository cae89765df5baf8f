/**
 * Whether this server should be sent calls now (`/readyz`). Probes come from many sides and at any rate, so one look at
 * what the server depends on serves all that come within a second, and none waits longer than its bound: a dependency
 * that hangs is looked at once, not once a probe.
 */
import { CairnError, type ErrorCode, isCairnError } from "@cairn/kernel/error";

/** What probes ask for. They come by address, so these paths are answered whatever name the Host header has. */
export const probePaths: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** One thing that must be there. It resolves when it is, and rejects with a coded error when it is not. */
export type ReadinessCheck = () => Promise<unknown>;

export interface ReadinessReport {
  readonly ready: boolean;
  /** `server.shutting_down` while draining, `server.not_ready` otherwise; null when ready. */
  readonly code: ErrorCode | null;
  /** Names of what is not ready. */
  readonly notReady: readonly string[];
  /** Of each check: `ok`, or the code of what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface Readiness {
  readonly report: () => Promise<ReadinessReport>;
  /** The server has everything that it needs to begin. */
  readonly started: () => void;
  /** No new calls, please: from now on the server is not ready, and nothing is looked at. */
  readonly drain: () => void;
}

export interface ReadinessOptions {
  /** By name, such as `storage`. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Milliseconds that a look may take, and for which it serves. */
  readonly patienceMs?: number;
  readonly keepMs?: number;
  readonly now?: () => number;
}

const unready = (code: ErrorCode, name: string): ReadinessReport => ({
  ready: false,
  code,
  notReady: [name],
  checks: {},
});

export const makeReadiness = (options: ReadinessOptions): Readiness => {
  const { checks, patienceMs = 1_000, keepMs = 1_000, now = () => performance.now() } = options;
  const hanging = new Map<string, Promise<unknown>>();
  let state: "starting" | "serving" | "draining" = "starting";
  let known: { readonly report: Promise<ReadinessReport>; until: number } | null = null;

  const look = async (name: string, check: ReadinessCheck): Promise<string> => {
    const running = hanging.get(name) ?? (async () => check())().finally(() => hanging.delete(name));
    hanging.set(name, running);
    const { promise: late, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(resolve, patienceMs, "request.timeout" satisfies ErrorCode);
    try {
      return await Promise.race([running.then(() => "ok"), late]);
    } catch (error) {
      return isCairnError(error) ? error.code : "internal";
    } finally {
      clearTimeout(timer);
    }
  };

  const lookAtAll = async (): Promise<ReadinessReport> => {
    const found = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await look(name, check)] as const),
    );
    const notReady = found.filter(([, state]) => state !== "ok").map(([name]) => name);
    const ready = notReady.length === 0;
    return { ready, code: ready ? null : "server.not_ready", notReady, checks: Object.fromEntries(found) };
  };

  return {
    report: async () => {
      if (state === "starting") return unready("server.not_ready", "start");
      if (state === "draining") return unready("server.shutting_down", "drain");
      if (known === null || known.until <= now()) {
        const looking = { report: lookAtAll(), until: Number.POSITIVE_INFINITY };
        known = looking;
        // It serves from its end on, however long it took.
        void looking.report.then(() => (looking.until = now() + keepMs));
      }
      const report = await known.report;
      // It may have begun to drain meanwhile.
      return (state as string) === "draining" ? unready("server.shutting_down", "drain") : report;
    },
    started: () => {
      if (state === "starting") state = "serving";
    },
    drain: () => {
      state = "draining";
    },
  };
};

/** The error that tells of a report that is not ready. */
export const readinessError = ({ code, notReady }: ReadinessReport): CairnError =>
  new CairnError(
    code ?? "server.not_ready",
    code === "server.shutting_down" ? "The server is ending." : `Not ready: ${notReady.join(", ")}.`,
    { hint: "Ask again in a second, or another server now." },
  );
