/**
 * What runs on a storage thread of the cloud engine: reads in a transaction of their own, writes of one space one after
 * the other, in the order they came, so that servers wait for each other's locks once and not once a call.
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { isUuid } from "@cairn/kernel/id";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Actor, SpaceWriter } from "@cairn/memory/space/engine";
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import { openArena } from "@cairn/store/arena/arena";
import { makeGatherer, smallCall } from "@cairn/store/threads/gather";
import { byDeadline, cutOf } from "@cairn/store/threads/deadline";
import type { Dispatcher, Request, Seat } from "@cairn/store/threads/request";
import { readFenced } from "../cells/fence.ts";
import { checkSpace } from "../check/check-space.ts";
import { repairSpace } from "../check/repair-space.ts";
import { type Connection, openPool, type PoolOptions, type TransactionOptions } from "../connection/pool.ts";
import { appRole, memorySchema } from "../connection/roles.ts";
import { type ReadName, reads } from "../read/reads.ts";
import { makeLargeSpaces } from "../recall/large/large-spaces.ts";
import { recall } from "../recall/recall.ts";
import { makeProjections } from "../space/projections.ts";
import { checkRemovable, dropSpace } from "../write/drop-space.ts";
import { lockSpace, type Writing } from "../write/run-rule.ts";
import { rememberGathered, writes } from "./requests.ts";

export interface DispatcherOptions {
  readonly url: string;
  readonly model: EmbeddingModel;
  /** Connections of this thread at most. */
  readonly connections: number;
  readonly openSpaces: number;
  readonly indexBytes: number;
  /** Spaces of fewer documents are read anew at each question. */
  readonly keptFrom: number;
  /** Spaces of so many texts are searched in the database while their index is not in memory (recall/large/). */
  readonly largeFrom: number;
  readonly largeQuietMs: number;
  /** Whether the indexes of large spaces are read into memory at all. */
  readonly projectLarge: boolean;
  /** Of an account that may act as the owner of the tables; null: spaces stay where they are. */
  readonly ownerUrl: string | null;
  /** There are other databases to which spaces are moved. */
  readonly isCell: boolean;
  readonly limits: Pick<PoolOptions, "statementMs" | "waitMs" | "lockMs">;
}

export type SeatedOptions = DispatcherOptions & Seat;

/** Reads of several statements that must belong together. */
const ofOneState: ReadonlySet<string> = new Set<ReadName>([
  "history",
  "entityGraph",
  "missingVectors",
  "planSession",
  "stats",
]);
const isRead = (name: string): name is ReadName => Object.hasOwn(reads, name);
const isWrite = (name: string): name is keyof SpaceWriter => Object.hasOwn(writes, name);

const engineActor: Actor = { principal: "cairn", instance: "cairn" };

export const makeDispatcher = (options: SeatedOptions, clock: Clock): Dispatcher => {
  const { url, model, connections, openSpaces, indexBytes, keptFrom, isCell, limits, seat } = options;
  const { largeFrom, largeQuietMs, projectLarge, ownerUrl } = options;
  const pool = openPool({
    url,
    role: appRole,
    searchPath: [memorySchema, "public"],
    name: "cairn",
    byIndex: true,
    most: connections,
    ...limits,
  });
  const projections = makeProjections({
    arena: openArena(seat),
    model,
    mostSpaces: openSpaces,
    mostBytes: indexBytes,
    keptFrom,
  });
  const large = makeLargeSpaces({
    pool,
    projections,
    model,
    ownerUrl,
    largeFrom,
    quietMs: largeQuietMs,
    projectLarge,
    mostBytes: indexBytes,
    look: (space, work) => look(space, { snapshot: true }, work),
  });
  const { noteTexts } = large;
  const writing = new Map<string, Promise<unknown>>();
  const writingOf = (space: string, actor: Actor): Writing => ({ pool, model, clock, space, actor, noteTexts });

  /** After the writes to this space that came before. */
  const inTurn = <T>(space: string, work: () => Promise<T>): Promise<T> => {
    const before = writing.get(space) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    writing.set(space, settled);
    void settled.then(() => {
      if (writing.get(space) === settled) writing.delete(space);
    });
    return mine;
  };
  const gatherer = makeGatherer((space, writer, take) =>
    inTurn(space, () => rememberGathered(writingOf(space, writer), take())),
  );
  /** A write that is not gathered. */
  const alone = <T>(space: string, work: () => Promise<T>): Promise<T> => {
    gatherer.seal(space);
    return inTurn(space, work);
  };

  /** A read transaction, which where there are other databases says space.moved of a space that has gone to one. */
  const look = async <T>(
    space: string,
    options: Omit<TransactionOptions, "space" | "readOnly">,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> => {
    try {
      return await pool.transaction({ ...options, space, readOnly: true }, (connection) =>
        isCell ? readFenced(connection, space, () => work(connection)) : work(connection),
      );
    } catch (error) {
      if (isCairnError(error) && error.code === "space.moved") projections.forget(space);
      throw error;
    }
  };

  /** From memory, except where a large space is not there (yet): then from the database, if that can answer. */
  const askIn = async (space: string, query: RecallQuery): Promise<RecallAnswer> => {
    let texts: number | null = null;
    const notBegun = {
      from: largeFrom,
      instead: (found: number) => {
        texts = found;
        return null;
      },
    };
    const answer = await look(space, {}, async (connection) => {
      // While an index is being read its space is asked about first; else the first statement tells that it is large.
      if (projections.isBegun(space) || !projectLarge) texts = await large.mayNeed(connection, space);
      return texts === null ? recall(connection, space, model, query, projections, notBegun) : null;
    });
    if (answer !== null) return answer;
    const inDatabase = await large.ask(space, query, texts ?? 0);
    const projected = inDatabase ?? (await look(space, {}, (one) => recall(one, space, model, query, projections)));
    if (projected === null) throw new CairnError("internal", "A question had no answer.");
    return projected;
  };

  /** A database that is slow must not keep a question past its deadline, on whichever thread it is asked. */
  const ask = (request: Request): Promise<unknown> => {
    const { space, args } = request;
    const answer = askIn(space, args[0] as RecallQuery);
    const cutAt = cutOf(request, Date.now());
    return cutAt === null ? answer : byDeadline(answer, cutAt);
  };

  const maintain: Readonly<Record<string, (space: string) => Promise<unknown>>> = {
    create: (space) =>
      pool.transaction({ space }, async (connection) => {
        await lockSpace(connection, writingOf(space, engineActor));
      }),
    drop: (space) =>
      alone(space, async () => {
        await checkRemovable(pool, space);
        projections.forget(space);
        await large.leave(space, true);
        await dropSpace(pool, space);
      }),
    check: (space) => checkSpace(pool, space),
    repair: (space) =>
      alone(space, async () => {
        const report = await repairSpace(writingOf(space, engineActor), projections);
        // What the database searches was made of what has been mended: it is made anew.
        await large.leave(space, false);
        return report;
      }),
  };

  return {
    run: (request) => {
      const { space, name, actor, args } = request;
      if (!isUuid(space)) return Promise.reject(new CairnError("space.not_found", "There is no such space."));
      if (name === "recall") return ask(request);
      if (name === "remember" && actor !== null) {
        const [items, atomic] = args as Parameters<SpaceWriter["remember"]>;
        if (!atomic && items.length <= smallCall) return gatherer.remember(space, actor, items);
      }
      // The tables of calls are typed where they are declared; here only names and plain data arrive.
      if (isRead(name)) {
        const method = reads[name] as (...given: readonly unknown[]) => Promise<unknown>;
        return look(space, { snapshot: ofOneState.has(name) }, (connection) =>
          method(connection, space, clock(), ...args),
        );
      }
      if (isWrite(name) && actor !== null) {
        const method = writes[name] as (...given: readonly unknown[]) => Promise<unknown>;
        return alone(space, () => method(writingOf(space, actor), projections, ...args));
      }
      const work = maintain[name];
      return work === undefined ? Promise.reject(new CairnError("internal", "Unknown storage call.")) : work(space);
    },
    close: async () => {
      while (writing.size > 0) await Promise.all(writing.values());
      await large.close();
      projections.close();
      await pool.close();
    },
  };
};
