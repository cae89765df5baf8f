import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { alice, embed, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { openDatabase } from "./open-database.ts";
import { makeSpaceFiles } from "@cairn/testing/sqlite/space-files";

const store = async (engine: Engine, space: string, content: string): Promise<string> =>
  memoryOf((await engine.write(space, alice).remember([await itemOf(content)], false))[0]).id;

describe.each([0, 2])("with %i threads", (threads) => {
  test("ENG-1 closes the space unused for longest, and opens it again when it is asked for", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads, openSpaces: 2 });
    const spaces = Array.from({ length: 7 }, () => newId());
    for (const [at, space] of spaces.entries()) await store(engine, space, `space number ${at}`);
    const countAll = () => Promise.all(spaces.map(async (space) => (await engine.read(space).stats()).memories));
    expect(await countAll()).toEqual(spaces.map(() => 1));
    const open = readdirSync(join(files.folder, "spaces")).filter((name) => name.endsWith("-wal"));
    expect(open.length).toBeLessThanOrEqual(2 * Math.max(1, threads));
  });

  test("ENG-1 never closes a space under a write or a read", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads, openSpaces: 1 });
    const spaces = Array.from({ length: 5 }, () => newId());
    const work = Array.from({ length: 60 }, async (_, at) => {
      const space = spaces[at % 5]!;
      if (at % 3 === 0) await engine.read(space).stats();
      else if (at % 11 === 1) {
        const items = await Promise.all(Array.from({ length: 60 }, (_item, item) => itemOf(`bulk ${at} item ${item}`)));
        await engine.write(space, alice).remember(items, true);
      } else await store(engine, space, `busy ${at}`);
    });
    await Promise.all(work);
    for (const space of spaces) expect(await engine.check(space)).toEqual([]);
  });

  test("ENG-1 finishes what was begun when it is closed, and refuses what comes later", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads });
    const begun = Array.from({ length: 20 }, (_, at) => store(engine, files.space, `begun ${at}`));
    const items = await Promise.all(Array.from({ length: 300 }, (_, at) => itemOf(`batch ${at}`)));
    const batch = engine.write(files.space, alice).remember(items, false);
    await Promise.resolve();
    const closed = engine.close();
    await expect(store(engine, files.space, "late")).rejects.toMatchObject({ code: "server.shutting_down" });
    const done = await Promise.allSettled([...begun, batch]);
    await closed;
    const reopened = files.open();
    const kept = (await reopened.read(files.space).list({ limit: 1_000 })).items.map(({ content }) => content);
    const acknowledged = done.slice(0, 20).filter(({ status }) => status === "fulfilled").length;
    expect(kept.filter((content) => content.startsWith("begun"))).toHaveLength(acknowledged);
    expect(done[20]).toMatchObject({ status: "fulfilled" });
    expect(kept.filter((content) => content.startsWith("batch"))).toHaveLength(300);
    expect(await reopened.check(files.space)).toEqual([]);
  });

  test("ENG-1 answers questions while a large import is under way", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads });
    await store(engine, files.space, "A marmot whistles");
    const items = await Promise.all(Array.from({ length: 1_000 }, (_, at) => itemOf(`row ${at} of the import`)));
    const state = { finished: false };
    const importing = engine
      .write(files.space, alice)
      .remember(items, true)
      .then(() => (state.finished = true));
    const vector = new Float32Array(64);
    let answered = 0;
    while (!state.finished) {
      const query = {
        query: "marmot",
        vector,
        limit: 5,
        minRelevance: 0.2,
        include: "memories",
        now: Date.now(),
      } as const;
      const { hits } = await engine.read(files.space).recall(query);
      if (!state.finished) answered += hits.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await importing;
    expect(answered).toBeGreaterThan(1);
  });

  test("ENG-1 stores memories that come together in one go, each caller's faults its own", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads });
    await store(engine, files.space, "first");
    const fault = { content: "not a whole millisecond", expiresAt: 0.5 };
    const calls = Array.from({ length: 12 }, async (_, at) =>
      engine.write(files.space, alice).remember([await itemOf(at === 5 ? fault : `together ${at}`)], false),
    );
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual(
      Array.from({ length: 12 }, (_, at) => at !== 5),
    );
    expect(outcomes[5]).toMatchObject({ reason: { code: "internal" } });
    expect(await engine.read(files.space).stats()).toMatchObject({ memories: 12 });
    expect(await engine.check(files.space)).toEqual([]);
  });

  test("ENG-1 keeps the order in which one caller's writes came", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads });
    const id = await store(engine, files.space, "placeholder");
    const writer = engine.write(files.space, alice);
    const keyed = async (content: string) => itemOf({ content, key: "k" });
    const [one, two] = [await keyed("one"), await keyed("two")];
    const done = [
      writer.remember([one], false),
      writer.forget(id, { purge: false }),
      writer.remember([two], false),
      writer.restore(id),
    ];
    await Promise.all(done);
    const kinds = (await engine.read(files.space).changes(0, 10)).map(({ kind }) => kind);
    expect(kinds).toEqual(["create", "create", "delete", "update", "restore"]);
  });

  test("ENG-1 comes back to life after a failure, without a restart", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads });
    const blocked = newId();
    const folder = join(files.folder, "spaces");
    await store(engine, files.space, "makes the folder");
    writeFileSync(join(folder, `${blocked}.db`), "this is no database, and long enough to be noticed ".repeat(50));
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(store(engine, blocked, "too early")).rejects.toMatchObject({ code: "storage.corrupt" });
    }
    writeFileSync(join(folder, `${blocked}.db`), "");
    await store(engine, blocked, "in time");
    expect(await engine.read(blocked).stats()).toMatchObject({ memories: 1 });
  });

  test("TEN-10 drops a space with its log and the copies made of it, and no other", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads });
    const other = newId();
    await store(engine, files.space, "going");
    await store(engine, other, "staying");
    writeFileSync(`${files.file}.before-2-x`, "a copy");
    await engine.drop(files.space);
    const left = readdirSync(join(files.folder, "spaces"));
    expect(left.filter((name) => name.startsWith(files.space))).toEqual([]);
    expect(await engine.read(other).stats()).toMatchObject({ memories: 1 });
  });
});

describe("purging", () => {
  test("MEM-3 leaves no trace of the words in the file", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    const writer = engine.write(files.space, alice);
    const noise = (at: number) =>
      Promise.all(Array.from({ length: 100 }, (_, item) => itemOf(`noise ${at} ${item} ${newId()}`)));
    await writer.remember(await noise(0), true);
    const secret = {
      content: "The wombatpassphrase is Xylographer, ask Quentinella Brimblecombe about it",
      key: "kryptonkey",
      tags: ["zirconiumtag"],
      author: "Ottoline Fanshawe",
      sessionId: "sessionzeppelin",
      entity: "Marzipanium Works",
      metadata: { note: "metawoodlouse" },
      context: "contextgrebe",
      sourceUri: "https://vaultgoose.example",
    };
    const id = memoryOf((await writer.remember([await itemOf(secret)], true))[0]).id;
    await writer.remember(await noise(1), true);
    const content = "The wombatpassphrase is Cryptogrammar now";
    await writer.update({ id, fields: { content }, vectors: await embed(content) });
    await writer.remember(await noise(2), true);
    const words =
      /wombat|xylograph|quentinella|brimblecombe|kryptonkey|zirconium|ottoline|fanshaw|zeppelin|marzipan|woodlouse|contextgrebe|vaultgoose|cryptogramm/i;
    expect(files.bytes()).toMatch(words);
    await writer.forget(id, { purge: true });
    expect(words.exec(files.bytes())).toBeNull();
    await writer.remember(await noise(3), true);
    await engine.close();
    expect(words.exec(files.bytes())).toBeNull();
  });

  test("MEM-3 finishes a purge that was cut off before its words were dropped", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    const id = await store(engine, files.space, "The pangolinword is secret");
    await engine.write(files.space, alice).forget(id, { purge: false });
    await engine.close();
    const database = openDatabase(files.file);
    database.exec("INSERT INTO stale_names SELECT id FROM names WHERE name LIKE 'pangolin%'");
    database.exec("UPDATE docs SET entry = NULL, to_at = 0, seq = 2");
    database.close();
    const reopened = files.open();
    await reopened
      .write(files.space, alice)
      .sweep({ now: Date.now(), sessionsBefore: 0, purgeBefore: Date.now() + 1_000 });
    expect(files.bytes()).not.toMatch(/pangolin/);
  });
});
