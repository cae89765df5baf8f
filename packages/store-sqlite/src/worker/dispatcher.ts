/**
 * What runs on a storage thread: opens spaces on first use, answers reads at once, and steps writes so that neither an
 * import nor a purge keeps a question waiting. Writes to one space run one after the other, in the order they came.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { isUuid } from "@cairn/kernel/id";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Actor, CheckFinding, SpaceWriter } from "@cairn/memory/space/engine";
import type { Steps } from "@cairn/memory/write/context";
import { notesAreLeft } from "@cairn/memory/write/notes";
import { openArena } from "@cairn/store/arena/arena";
import { makeVectorSet } from "@cairn/store/arena/vector-set";
import { checkSpace } from "../check/check-space.ts";
import { repairSpace } from "../check/repair-space.ts";
import { type OpenSpace, openSpace } from "../space/open-space.ts";
import type { MakeVectors } from "../space/space-index.ts";
import { openDatabase } from "../open-database.ts";
import { storageError } from "../sqlite-error.ts";
import { untilUnlocked } from "../write/transaction.ts";
import { dropRemains } from "../write/change-model.ts";
import { holdsNotes } from "../write/notes.ts";
import { rememberGathered } from "../write/remember.ts";
import { bindModel, isUnbound } from "../write/vectors.ts";
import { makeGatherer, smallCall } from "@cairn/store/threads/gather";
import type { Dispatcher, Seat } from "@cairn/store/threads/request";
import { indexless, isRead, isWrite, leavesRemains, reads, writes } from "./requests.ts";
import { makeScheduler } from "./scheduler.ts";

export interface DispatcherOptions {
  readonly folder: string;
  readonly model: EmbeddingModel;
  /** Spaces kept open at once; the one unused for longest is closed first. */
  readonly openSpaces: number;
}

export type SeatedOptions = DispatcherOptions & Seat;

/** A file too damaged to be opened or read is a finding, not a failure of the check. */
const damageFinding = (error: unknown): readonly CheckFinding[] => {
  if (!isCairnError(error) || error.code !== "storage.corrupt") throw error;
  return [{ code: error.code, message: error.message, repairable: false }];
};

const engineActor: Actor = { principal: "cairn", instance: "cairn" };

export const makeDispatcher = (options: SeatedOptions, clock: Clock): Dispatcher => {
  const folder = join(options.folder, "spaces");
  const arena = openArena(options.seat);
  const scheduler = makeScheduler(options.readers);
  const open = new Map<string, OpenSpace>();
  const writing = new Map<string, Promise<unknown>>();
  const fileOf = (space: string): string => {
    if (!isUuid(space)) throw new CairnError("space.not_found", "There is no such space.");
    return join(folder, `${space}.db`);
  };

  /** Closes what was unused for longest; never `kept`, which is about to be used. */
  const closeCold = (kept: string): void => {
    for (const [id, space] of open) {
      if (open.size <= options.openSpaces) return;
      if (id === kept || writing.has(id)) continue;
      open.delete(id);
      space.close();
    }
  };

  const openFile = (id: string, file: string): OpenSpace => {
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw storageError(error);
    }
    const makeVectors: MakeVectors = (dimensions, source) =>
      makeVectorSet(arena, dimensions, { source, namespace: id });
    return openSpace(id, file, makeVectors, options.model);
  };

  /** The space, opened if need be; the most recently used lies last in `open`. */
  function* opened(id: string): Steps<OpenSpace> {
    const known = open.get(id);
    if (known !== undefined) {
      open.delete(id);
      open.set(id, known);
      return known;
    }
    const file = fileOf(id);
    const made = yield* untilUnlocked(() => {
      // Another request may have opened it while this one waited.
      const other = open.get(id);
      if (other !== undefined) return other;
      const space = openFile(id, file);
      open.set(id, space);
      return space;
    });
    closeCold(id);
    return made;
  }

  function* read<T>(id: string, work: (space: OpenSpace) => T): Steps<T> {
    const space = yield* opened(id);
    return yield* untilUnlocked(() => space.snapshot(() => work(space)));
  }

  /** Reads rows alone. A space that is opened for no more than that does not push out one in use. */
  function* look<T>(id: string, work: (space: OpenSpace) => T): Steps<T> {
    if (open.has(id) || open.size < options.openSpaces) {
      const space = yield* opened(id);
      return yield* untilUnlocked(() => space.look(() => work(space)));
    }
    const file = fileOf(id);
    return yield* untilUnlocked(() => {
      const space = openFile(id, file);
      try {
        return space.look(() => work(space));
      } finally {
        space.close();
      }
    });
  }

  /** A space that could only be read when it was opened may be writable by now: the disk has room again, say. */
  function* writable(id: string): Steps<OpenSpace> {
    const space = yield* opened(id);
    if (!space.writer.readonly) return space;
    const probe = yield* untilUnlocked(() => openDatabase(space.file));
    const stillReadOnly = probe.readonly;
    probe.close();
    if (stillReadOnly) return space;
    if (open.get(id) === space) {
      open.delete(id);
      space.close();
    }
    return yield* opened(id);
  }

  function* write<T>(id: string, work: (space: OpenSpace) => Steps<T>): Steps<T> {
    const space = yield* writable(id);
    const unbound = yield* untilUnlocked(() => isUnbound(space));
    if (unbound && !space.writer.readonly) yield* bindModel(space, engineActor, clock);
    return yield* work(space);
  }

  /** After the writes to this space that came before. */
  const inTurn = <T>(id: string, steps: () => Steps<T>): Promise<T> => {
    const before = writing.get(id) ?? Promise.resolve();
    const mine = before.then(
      () => scheduler.run(steps(), true),
      () => scheduler.run(steps(), true),
    );
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    writing.set(id, settled);
    void settled.then(() => {
      if (writing.get(id) === settled) writing.delete(id);
    });
    return mine;
  };

  const drop = (id: string): void => {
    open.get(id)?.close();
    open.delete(id);
    const file = basename(fileOf(id));
    // The file, its write-ahead log, and the copies that migrations made.
    const own = (existsSync(folder) ? readdirSync(folder) : []).filter(
      (name) => name === file || (/^[-.]/.test(name.slice(file.length)) && name.startsWith(file)),
    );
    for (const name of own) rmSync(join(folder, name), { force: true });
  };

  function* dropping(id: string): Steps<void> {
    if (yield* untilUnlocked(() => holdsNotes(fileOf(id)))) throw notesAreLeft();
    drop(id);
  }

  const gatherer = makeGatherer((id, writer, take) =>
    inTurn(id, () => write(id, (space) => rememberGathered(space, writer, clock, take()))),
  );
  /** A write that is not gathered. */
  const alone = <T>(id: string, steps: () => Steps<T>): Promise<T> => {
    gatherer.seal(id);
    return inTurn(id, steps);
  };

  const closing = new AbortController();
  /** Some of what a change of model left; false when nothing is left, or the space was closed or dropped meanwhile. */
  function* tidySome(id: string): Steps<boolean> {
    if (closing.signal.aborted || !open.has(id)) return false;
    return yield* write(id, (space) => dropRemains(space, engineActor, clock));
  }
  /** Removes what a change of model left, other writes in between; what fails is done by a later sweep. */
  const tidy = async (id: string): Promise<void> => {
    try {
      while (await alone(id, () => tidySome(id)));
    } catch {
      // The space is as good as with it, only larger.
    }
  };

  const maintain: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    create: (id) => alone(id, () => write(id, function* () {})),
    drop: (id) => alone(id, () => dropping(id)),
    check: (id) => scheduler.run(read(id, (space): readonly CheckFinding[] => checkSpace(space))).catch(damageFinding),
    repair: (id) => alone(id, () => write(id, (space) => repairSpace(space, engineActor, clock))),
  };

  return {
    run: ({ space, name, actor, args }) => {
      if (name === "remember" && actor !== null) {
        const [items, atomic] = args as Parameters<SpaceWriter["remember"]>;
        if (!atomic && items.length <= smallCall) return gatherer.remember(space, actor, items);
      }
      // The table of calls is typed where it is declared; here only names and plain data arrive.
      if (isRead(name)) {
        const method = reads[name] as (space: OpenSpace, now: number, ...args: readonly unknown[]) => unknown;
        const answer = (opened: OpenSpace): unknown => method(opened, clock(), ...args);
        return scheduler.run(indexless.has(name) ? look(space, answer) : read(space, answer));
      }
      if (isWrite(name) && actor !== null) {
        const method = writes[name] as (
          space: OpenSpace,
          actor: Actor,
          clock: Clock,
          ...args: readonly unknown[]
        ) => Steps<unknown>;
        const done = alone(space, () => write(space, (opened) => method(opened, actor, clock, ...args)));
        if (leavesRemains.has(name)) void done.then(() => tidy(space)).catch(() => undefined);
        return done;
      }
      const work = maintain[name];
      return work === undefined ? Promise.reject(new CairnError("internal", "Unknown storage call.")) : work(space);
    },
    close: async () => {
      closing.abort();
      while (writing.size > 0) await Promise.all(writing.values());
      for (const space of open.values()) space.close();
      open.clear();
    },
  };
};
