/** A PostgreSQL server of a test's own, to be stopped, killed and started again; gone when the test is. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type PostgresVersion, postgresBinaries } from "./binaries.ts";
import type { KeeperAnswer, KeeperCommand } from "./keeper.ts";

export interface StartOptions {
  readonly version?: PostgresVersion;
  /** Whether what is committed survives a crash of the machine; slower. */
  readonly durable?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Postgres extends AsyncDisposable {
  /** Of the superuser, in the database `postgres`; the same after a restart. */
  readonly url: string;
  readonly start: () => Promise<void>;
  /** Ends open connections and writes everything down. */
  readonly stop: () => Promise<void>;
  readonly restart: () => Promise<void>;
  /** The server is gone at once, as after a crash. */
  readonly kill9: () => Promise<void>;
}

/** The version that tests run on: `CAIRN_TEST_POSTGRES_VERSION`, or 18. */
export const testedVersion = (env = process.env): PostgresVersion =>
  env["CAIRN_TEST_POSTGRES_VERSION"] === "16" ? 16 : 18;

type Wish = KeeperCommand extends infer Command ? (Command extends unknown ? Omit<Command, "id"> : never) : never;

const speakWith = (keeper: ChildProcess): ((wish: Wish) => Promise<number>) => {
  const waiting = new Map<number, (answer: KeeperAnswer) => void>();
  let last = 0;
  keeper.on("message", (answer: KeeperAnswer) => waiting.get(answer.id)?.(answer));
  keeper.on("exit", () => {
    for (const [id, settle] of waiting) settle({ id, port: 0, problem: "the keeper of PostgreSQL ended" });
  });
  return (wish) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      // While an answer is awaited, the process stays for it.
      keeper.channel?.ref();
      waiting.set(id, ({ port, problem }) => {
        waiting.delete(id);
        if (waiting.size === 0) keeper.channel?.unref();
        if (problem === undefined) resolve(port);
        else reject(new Error(problem));
      });
      keeper.send({ ...wish, id }, (error) => {
        if (error !== null) waiting.get(id)?.({ id, port: 0, problem: error.message });
      });
    });
};

/** Starts an empty server with pgvector at hand. Throws `PostgresMissing` where there can be none. */
export const startPostgres = async ({
  version = testedVersion(),
  durable = false,
  settings = {},
}: StartOptions = {}): Promise<Postgres> => {
  const binaries = await postgresBinaries(version);
  const keeper = fork(join(import.meta.dirname, "keeper-worker.ts"), [], {
    detached: true,
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  keeper.unref();
  const gone = new Promise<void>((resolve) => keeper.once("exit", () => resolve()));
  const ask = speakWith(keeper);
  const end = async (): Promise<void> => {
    if (keeper.connected) keeper.disconnect();
    keeper.ref();
    await gone;
  };
  const password = randomBytes(12).toString("hex");
  try {
    const port = await ask({ do: "set up", binaries, password, durable, settings });
    const tell = async (what: "start" | "stop" | "kill"): Promise<void> => void (await ask({ do: what }));
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      start: () => tell("start"),
      stop: () => tell("stop"),
      restart: async () => {
        await tell("stop");
        await tell("start");
      },
      kill9: () => tell("kill"),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
};
