/** Requests that are sent twice, over a restart and to several servers on one data folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openServer } from "./idempotency.fixture.ts";

const makeFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), "cairn-twice-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
};

const done = { status: 409, json: { code: "request.already_done" } };

test("API-3 a retry after a restart gets the first answer, and a second server on the folder gives it too", async () => {
  await using folder = await makeFolder();
  let first: Awaited<ReturnType<Awaited<ReturnType<typeof openServer>>["write"]>>;
  {
    await using server = await openServer(folder.path);
    first = await server.write("k", "The harbour opens at seven.");
    expect(first.status).toBe(200);
  }
  await using server = await openServer(folder.path);
  await using other = await openServer(folder.path);
  for (const one of [server, other]) {
    const again = await one.write("k", "The harbour opens at seven.");
    expect(again.json).toEqual(first.json);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
  }
  expect(await other.write("k", "Something else.")).toMatchObject({
    status: 409,
    json: { code: "request.idempotency_conflict" },
  });
  expect((await server.send("GET", "/v1/stats")).json.total_memories).toBe(1);
});

test("MEM-3 a purge, by whichever process, erases the answers that may hold what it erased", async () => {
  await using folder = await makeFolder();
  await using server = await openServer(folder.path);
  await using other = await openServer(folder.path);
  const id: string = (await server.write("made", "Before.")).json.memory_id;
  const change = () =>
    server.send("PATCH", `/v1/memories/${id}`, { content: "The hidden harbour." }, { "Idempotency-Key": "changed" });
  const changed = await change();
  expect(changed.json.content).toBe("The hidden harbour.");
  expect((await change()).json).toEqual(changed.json);
  const purge = () => other.send("DELETE", `/v1/memories/${id}?purge=true`, undefined, { "Idempotency-Key": "purged" });
  const purged = await purge();
  expect(purged.status).toBe(200);
  expect(await change()).toMatchObject(done);
  expect((await purge()).json).toEqual(purged.json);
});

test("MEM-3 what a space answered goes with the space, its own name and description too", async () => {
  await using folder = await makeFolder();
  await using server = await openServer(folder.path);
  const make = () =>
    server.send("POST", "/v1/spaces", { name: "club", description: "Private." }, { "Idempotency-Key": "space" });
  const made = await make();
  expect((await make()).json).toEqual(made.json);
  const write = () => server.write("k", "In the club.", { space: "club" });
  await write();
  expect((await server.send("DELETE", `/v1/spaces/${made.json.id}`)).status).toBe(200);
  expect(await make()).toMatchObject(done);
  expect(await write()).toMatchObject(done);
});

test("API-3 a request that failed is run again", async () => {
  await using folder = await makeFolder();
  await using server = await openServer(folder.path);
  const { id } = (await server.send("POST", "/v1/spaces", { name: "club" })).json;
  const make = () => server.send("POST", "/v1/spaces", { name: "Club" }, { "Idempotency-Key": "k" });
  expect(await make()).toMatchObject({ status: 409, json: { code: "space.name_taken" } });
  await server.send("DELETE", `/v1/spaces/${id}`);
  const made = await make();
  expect([made.status, made.headers.get("idempotency-replayed")]).toEqual([201, null]);
});

test("API-3 every kind of write answers alike when it is sent again", async () => {
  await using folder = await makeFolder();
  await using server = await openServer(folder.path);
  const id: string = (await server.write("first", "Ada sails on Sundays.")).json.memory_id;
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { "Idempotency-Key": `${method} ${path}`.replace(" ", ":") };
    const [one, two] = [await server.send(method, path, body, headers), await server.send(method, path, body, headers)];
    expect([one.status < 300, two.headers.get("idempotency-replayed"), two.status]).toEqual([true, "true", one.status]);
    // Some routes of TribalMemory tell how long the call took.
    expect({ ...two.json, took_ms: 0 }).toEqual({ ...one.json, took_ms: 0 });
    return one.json;
  };
  await send("PATCH", `/v1/memories/${id}`, { content: "Ada sails on Mondays.", tags: ["boat"] });
  const correction = { original_id: id, corrected_content: "Ada sails on Tuesdays." };
  const corrected = await send("POST", "/v1/correct", correction);
  await send("POST", "/v1/remember/batch", { memories: [{ content: "One." }, { content: "Two." }] });
  await send("POST", "/v1/sessions/ingest", { session_id: "s", messages: [{ role: "user", content: "Hello there." }] });
  await send("DELETE", `/v1/memories/${corrected.memory_id}`, undefined);
});
