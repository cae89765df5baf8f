/** Listens for graphile-worker's notification of new jobs on a connection of its own, again and again when it breaks. */
import pg from "pg";

const firstPauseMs = 250;
const longestPauseMs = 10_000;

export const listenForJobs = (url: string, changed: () => void): { readonly stop: () => Promise<void> } => {
  let client: pg.Client | null = null;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let pause = firstPauseMs;

  const connect = async (): Promise<void> => {
    const own = new pg.Client({
      connectionString: url,
      application_name: "cairn jobs listen",
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    client = own;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      void own.end().catch(() => undefined);
      if (stopped) return;
      timer = setTimeout(() => void connect(), pause * (0.5 + Math.random())).unref();
      pause = Math.min(longestPauseMs, pause * 2);
    };
    own.on("error", over);
    own.on("end", over);
    own.on("notification", changed);
    try {
      await own.connect();
      await own.query('listen "jobs:insert"');
      pause = firstPauseMs;
      // What was put in while nobody listened.
      changed();
    } catch {
      over();
    }
  };
  void connect();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
};
