/**
 * When each key was last used, gathered in memory and written together, at most once a minute: a write for every call
 * would cost more than the call. What a killed server had gathered is lost.
 */
import type { KeyDirectory, KeyUse } from "@cairn/directory/keys/key-directory";
import type { Clock } from "@cairn/kernel/clock";

export interface LastUses {
  readonly used: (id: string, from: string | null) => void;
  /** Writes what was gathered, and gathers no more. */
  readonly close: () => Promise<void>;
}

export interface LastUsesOptions {
  readonly keys: Pick<KeyDirectory, "noteUses">;
  readonly clock: Clock;
  readonly everyMs?: number;
  /** Keys that are gathered at most; beyond it uses of others are left out until these are written. */
  readonly most?: number;
}

export const makeLastUses = ({ keys, clock, everyMs = 60_000, most = 50_000 }: LastUsesOptions): LastUses => {
  let gathered = new Map<string, KeyUse>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  const add = (use: KeyUse): void => {
    if (gathered.size < most || gathered.has(use.id)) gathered.set(use.id, use);
  };

  const write = async (): Promise<void> => {
    const uses = gathered;
    gathered = new Map();
    if (uses.size === 0) return;
    try {
      await keys.noteUses([...uses.values()]);
    } catch {
      // It is only of interest; the next time tries again, where nothing later has come.
      if (closed) return;
      for (const use of uses.values()) if (!gathered.has(use.id)) add(use);
      schedule();
    }
  };

  const schedule = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(write);
    }, everyMs).unref();
  };

  return {
    used: (id, from) => {
      if (closed) return;
      add({ id, at: clock(), from });
      schedule();
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      writing = writing.then(write);
      await writing;
    },
  };
};
