/**
 * How a server hears what others change: one connection that LISTENs, and a second that from time to time sends word
 * to itself the same way. Only when that word comes back is the server known to hear (`onHearing(true)`); a connection
 * that is lost, silently cut or led through a pooler that does not pass notifications on is told by its absence.
 * PostgreSQL delivers notifications in the order of commits, so a word that came back also says that everything
 * committed before it has been heard (`caughtUp`).
 *
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Connection, PostgresPool } from "@cairn/store-postgres/connection/pool";

export interface ListenerOptions {
  /** Two connections of its own, one statement at a time (`oneByOne`). */
  readonly pool: PostgresPool;
  readonly channel: string;
  readonly onChange: (payload: string) => void;
  /** Between true and false everything that was committed in the meantime is heard. */
  readonly onHearing: (hearing: boolean) => void;
  /** How often it is tried whether word still comes, milliseconds. */
  readonly everyMs?: number;
  /** How long word may take, milliseconds. */
  readonly withinMs?: number;
}

export interface ChangeListener {
  /** Resolves when word comes, at once where it does. Rejects when the listener is closed. */
  readonly hearing: () => Promise<void>;
  /** Resolves when everything committed before the call has been heard, or when nothing is heard any more. */
  readonly caughtUp: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const firstWaitMs = 50;
const longestWaitMs = 5_000;
const probe = "probe ";

const silent = (): CairnError => new CairnError("storage.unavailable", "The database's notifications do not arrive.");

export const openChangeListener = ({
  pool,
  channel,
  onChange,
  onHearing,
  everyMs = 5_000,
  withinMs = 5_000,
}: ListenerOptions): ChangeListener => {
  const closing = new AbortController();
  const awaited = new Map<string, () => void>();
  let hears = Promise.withResolvers<void>();
  hears.promise.catch(() => undefined);
  let isHearing = false;
  /** The connection that listens, if there is one. */
  let current: { readonly lost: Promise<never>; readonly lose: () => void } | null = null;
  let wait = firstWaitMs;

  const setHearing = (now: boolean): void => {
    if (now === isHearing) return;
    isHearing = now;
    onHearing(now);
    if (now) return hears.resolve();
    hears = Promise.withResolvers<void>();
    hears.promise.catch(() => undefined);
  };

  const hear = ({ payload = "" }: { readonly payload?: string | undefined }): void => {
    if (!payload.startsWith(probe)) return onChange(payload);
    awaited.get(payload)?.();
  };

  /** Sends word to itself and waits for it. Throws storage.unavailable when it does not come in time. */
  const tryIt = async (lost: Promise<never>): Promise<void> => {
    const word = probe + newId();
    const came = Promise.withResolvers<void>();
    awaited.set(word, came.resolve);
    const over = new AbortController();
    const late = sleep(withinMs, undefined, { signal: over.signal, ref: false }).then(() => Promise.reject(silent()));
    late.catch(() => undefined);
    try {
      const sending = pool.use(({ query }) => query("select pg_notify($1, $2)", [channel, word]));
      await Promise.race([Promise.all([sending, came.promise]), late, lost]);
    } finally {
      awaited.delete(word);
      over.abort();
    }
  };

  /** Hears until the connection is lost or does not bring word any more, which it throws. */
  const hearOn = async ({ client }: Connection, lost: Promise<never>): Promise<never> => {
    client.on("notification", hear);
    try {
      await Promise.race([client.query(`listen ${channel}`), lost]);
      await tryIt(lost);
      wait = firstWaitMs;
      setHearing(true);
      for (;;) {
        await Promise.race([sleep(everyMs, undefined, { signal: closing.signal, ref: false }), lost]);
        await tryIt(lost);
      }
    } finally {
      setHearing(false);
      client.off("notification", hear);
    }
  };

  const connectOnce = (): Promise<never> =>
    pool.use((connection) => {
      if (closing.signal.aborted) throw silent();
      const { client } = connection;
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => undefined);
      const lose = (): void => {
        setHearing(false);
        lost.reject(silent());
      };
      current = { lost: lost.promise, lose };
      client.on("error", lose);
      client.on("end", lose);
      closing.signal.addEventListener("abort", lose);
      return hearOn(connection, lost.promise).finally(() => {
        current = null;
        client.off("error", lose);
        client.off("end", lose);
        closing.signal.removeEventListener("abort", lose);
      });
    });

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await connectOnce().catch(() => undefined);
      const pause = wait * (0.5 + Math.random());
      wait = Math.min(2 * wait, longestWaitMs);
      await sleep(pause, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
    hears.reject(new CairnError("storage.unavailable", "The directory is closed."));
  };
  const running = run();

  return {
    hearing: () => hears.promise,
    caughtUp: async () => {
      const mine = current;
      if (mine === null || !isHearing) return;
      await tryIt(mine.lost).catch(mine.lose);
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
};
