/**
 * A lease on one piece of work among the processes of a data folder, so that two of them do not embed the same texts:
 * a file that its holder touches now and then. Work done twice is harmless, only wasted; so a lease that cannot be
 * written counts as taken, and one that was not touched for long is anybody's.
 */
import { mkdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Lease {
  /** Says that the work goes on. */
  readonly renew: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Null while another process holds it. */
export type TakeLease = (name: string) => Promise<Lease | null>;

const isTaken = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EEXIST";

/** `name`s are parts of file names, such as a space's id; a lease ends `untouchedMs` after it was last renewed. */
export const openLeases = (folder: string, untouchedMs = 60_000): TakeLease => {
  const take = async (file: string): Promise<boolean> => {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, "", { flag: "wx", mode: 0o600 });
      return true;
    } catch (error) {
      return !isTaken(error);
    }
  };
  const isAbandoned = async (file: string): Promise<boolean> => {
    const touched = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
    return touched === null || Date.now() - touched > untouchedMs;
  };
  return async (name) => {
    const file = join(folder, `${name}.lease`);
    if (!(await take(file))) {
      if (!(await isAbandoned(file))) return null;
      await rm(file, { force: true });
      if (!(await take(file))) return null;
    }
    return {
      renew: async () => {
        const now = new Date();
        await utimes(file, now, now).catch(() => undefined);
      },
      release: () => rm(file, { force: true }).catch(() => undefined),
    };
  };
};
