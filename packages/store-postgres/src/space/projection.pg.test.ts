/** Questions that bring one index up to date at once, in the orders in which their answers may come. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import { makePool } from "@cairn/store/arena/pool";
import { openArena } from "@cairn/store/arena/arena";
import { meaningOf, textOf } from "@cairn/testing/crash/marked-text";
import { changeModel, fillModel, meaningTo, twoModels } from "@cairn/testing/crash/two-models";
import { alice, engineEmbedder, itemOf } from "@cairn/testing/engine/world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers, type Servers } from "@cairn/testing/postgres/servers";
import { type Connection, openPool, type PostgresPool, type Value } from "../connection/pool.ts";
import { appRole, memorySchema } from "../connection/roles.ts";
import { recall } from "../recall/recall.ts";
import { pooledVectors } from "./make-vectors.ts";
import { makeProjection } from "./projection.ts";
import { makeProjections } from "./projections.ts";

const describe = await postgresOrSkip();
const { model } = engineEmbedder;

describe("questions that follow one space at once", () => {
  let servers: Servers;
  let pool: PostgresPool;
  beforeAll(async () => {
    servers = await makeServers();
    const searchPath = [memorySchema, "public"];
    pool = openPool({ url: servers.database.url, role: appRole, searchPath, name: "test", most: 4 });
  });
  afterAll(async () => {
    await pool.close();
    await servers[Symbol.asyncDispose]();
  });

  const inSpace = <T>(space: string, work: (connection: Connection) => Promise<T>): Promise<T> =>
    pool.transaction({ space, readOnly: true }, work);
  /** The statement is answered by the database at once, and by this connection when it is told to. */
  const heldBack = (connection: Connection) => {
    const { promise: answered, resolve: noteAnswered } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const held: Connection = {
      ...connection,
      query: async <Row extends object>(...asked: Parameters<Connection["query"]>) => {
        const rows = await connection.query<Row>(...asked);
        noteAnswered();
        await released;
        return rows;
      },
    };
    return { held, answered, release };
  };

  test("EMB-4 a late vector is not missed by one that read before it came and one that read after", async () => {
    const engine = servers.open();
    const space = newId();
    const store = async (word: string, vectors: readonly Float32Array[]) =>
      engine.write(space, alice).remember([await itemOf(textOf(word), { vectors, skipDedup: true })], false);
    const arena = openArena(makePool({ bytes: 2 ** 22, seats: 1 }).join());
    const added: number[] = [];
    const projection = makeProjection(space, model, (dimensions) => {
      const set = pooledVectors(arena, space)(dimensions);
      const add: typeof set.add = (doc, bytes, scale) => {
        added.push(doc);
        set.add(doc, bytes, scale);
      };
      return { ...set, add };
    });
    await store("q7one", [meaningOf("q7one")]);
    await inSpace(space, projection.follow);
    await store("q7two", []);
    await inSpace(space, (first) =>
      inSpace(space, async (second) => {
        const early = heldBack(first);
        const following = [projection.follow(early.held)];
        await early.answered;
        await fillModel(engine, space, model.id);
        const late = heldBack(second);
        following.push(projection.follow(late.held));
        await late.answered;
        early.release();
        await following[0];
        late.release();
        await following[1];
      }),
    );
    expect(projection.isWhole()).toBe(true);
    expect(added).toEqual([1, 2]);
    projection.release();
  });

  test("EMB-6 vectors that go with a change of model while they are read are not taken for ones that say nothing", async () => {
    const engine = servers.open();
    const space = newId();
    const words = ["q7one", "q7two", "q7three"];
    const items = await Promise.all(
      words.map((word) => itemOf(textOf(word), { vectors: [meaningTo(model.id, textOf(word))], skipDedup: true })),
    );
    await engine.write(space, alice).remember(items, true);
    const arena = openArena(makePool({ bytes: 2 ** 22, seats: 1 }).join());
    const projections = makeProjections({ arena, model, mostSpaces: 9, mostBytes: 2 ** 20, keptFrom: 0 });
    const ask = (vectorModel: string, before: () => Promise<unknown>) =>
      inSpace(space, (connection) => {
        let first = true;
        const watched: Connection = {
          ...connection,
          query: async <Row extends object>(sql: string, values?: readonly Value[]) => {
            if (sql.includes("FROM f32") && first) {
              first = false;
              await before();
            }
            return connection.query<Row>(sql, values);
          },
        };
        const vector = meaningTo(vectorModel, textOf("q7two"));
        const asked = { query: "unheard", vector, vectorModel, limit: 1, minRelevance: 0.2 };
        return recall(watched, space, model, { ...asked, include: "memories", now: Date.now() }, projections);
      });
    const found = [{ memory: { content: textOf("q7two") } }];
    expect(await ask(model.id, () => Promise.resolve())).toMatchObject({ model, hits: found });
    // Between the search and the reading of exact vectors the space goes over, and the old ones are removed.
    const outrun = await ask(model.id, () => changeModel(engine, space, twoModels[1]));
    expect(outrun).toMatchObject({ model: { id: twoModels[1].id }, hits: [] });
    expect(await ask(twoModels[1].id, () => Promise.resolve())).toMatchObject({ hits: found });
    const purging = await ask(twoModels[1].id, async () => {
      const { items: all } = await engine.read(space).list({ limit: 9 });
      for (const { id } of all) await engine.write(space, alice).forget(id, { purge: true });
    });
    expect(purging).toMatchObject({ model: { id: twoModels[1].id }, hits: [] });
    projections.close();
  });
});
