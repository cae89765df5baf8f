/** Two servers on one database: what is taken away on one is gone on the other within a second, and both count together. */
import { bearer, type HttpAnswer, jsonOf, sendHttp } from "@cairn/testing/tenants/http-call";
import { seedTenant, type TenantSeed } from "@cairn/testing/tenants/marked-tenants";
import { makeWholeServer, type RunningServer, serverSecret, type Shell } from "@cairn/testing/tenants/whole-server";
import { startServerProcess } from "@cairn/testing/postgres/server-process";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, beforeAll, expect, test } from "vitest";

const describe = await postgresOrSkip();

const password = "correct horse battery staple";
const large = 1_000_000;
const plans = {
  all: { rate_per_minute: large, rate_per_minute_key: large },
  slow: { rate_per_minute: large, rate_per_minute_key: 40 },
  small: { rate_per_minute: large, rate_per_minute_key: large, queries_per_month: 25 },
};
type Headers = Readonly<Record<string, string>>;

describe("two servers on one PostgreSQL", () => {
  const opened = new AsyncDisposableStack();
  let one: RunningServer;
  let two: RunningServer;
  let shell: Shell;
  let root = "";
  let tenant: TenantSeed;
  const elapsed: string[] = [];
  const started = performance.now();

  const send = (server: RunningServer, method: string, path: string, headers: Headers, body?: unknown) =>
    server.send({ method, path, headers, ...(body === undefined ? {} : { body }) });
  /** Throws where it is no success. */
  const as = async <Body = Headers>(server: RunningServer, key: string, method: string, path: string, body?: unknown) =>
    jsonOf<Body>(await send(server, method, path, bearer(key), body), `${method} ${path}`);
  const hears = async (server: RunningServer): Promise<boolean> =>
    /^cairn_database\S*(?:directoryHearing|directory_hearing)\S* 1$/mu.test(
      (await send(server, "GET", "/metrics", bearer(root))).text,
    );

  beforeAll(async () => {
    const database = opened.use(await makeDatabase());
    const settings = { plans, default_plan: "all" };
    const first = opened.use(await makeWholeServer({ database: database.url, instance: "one", settings }));
    shell = await first.shell();
    root = (await shell.makeKey({ label: "root", role: "admin" })).key;
    tenant = await seedTenant(shell);
    one = await first.start();
    // A process of its own, so that nothing but the database can tell it.
    const { url, terminate, ...second } = await startServerProcess(database.url, {
      CAIRN_AUTH: "on",
      CAIRN_SECRET: serverSecret,
      CAIRN_PLANS: JSON.stringify(plans),
      CAIRN_DEFAULT_PLAN: "all",
      CAIRN_INSTANCE: "two",
    });
    opened.defer(() => second[Symbol.asyncDispose]());
    two = { url, send: (request) => sendHttp(url, request), stop: async () => void (await terminate()) };
  }, 60_000);
  afterAll(async () => {
    process.stdout.write(`seen on the other server:\n  ${elapsed.join("\n  ")}\n`);
    process.stdout.write(`two servers: ${Math.round((performance.now() - started) / 1_000)} s\n`);
    await opened.disposeAsync();
  }, 60_000);

  test("OPS-5 both hear of what the other changes", async () => {
    for (const server of [one, two]) await expect.poll(() => hears(server), { timeout: 10_000 }).toBe(true);
  });

  /** A person with a role in the tenant, with a key and a cookie of its own. */
  const makeMember = async (name: string, role: "admin" | "editor" | "viewer") => {
    const email = `${name}@${tenant.marker}.example`;
    const accounts = await shell.services.access.accounts();
    const { principal } = await accounts.createPerson({ email, name, password, verified: true });
    const { organisation } = tenant;
    await shell.services.tenants.organisations.setMember(organisation, { principal, role, by: "local" });
    const { key } = await shell.makeKey({ label: name, organisation, owner: principal });
    const answer = await send(one, "POST", "/auth/sign-in", { origin: one.url }, { email, password });
    const cookie = /cairn\.session_token=[^;]+/u.exec(answer.headers["set-cookie"] ?? "")?.[0] ?? "";
    return { principal, key, cookie };
  };

  /**
   * Makes the change on the first server; from when it is acknowledged the second has a second. `probe` asks the second,
   * and is asked before too, so that it remembers. Its
   * first answer that differs, or its last one within the second.
   */
  const seenWithin = async (
    what: string,
    before: number,
    probe: () => Promise<HttpAnswer>,
    change: () => Promise<unknown>,
  ): Promise<number> => {
    for (let at = 0; at < 3; at += 1) expect([what, (await probe()).status]).toEqual([what, before]);
    await change();
    const since = performance.now();
    let answer = await probe();
    let old = 0;
    for (; answer.status === before && performance.now() - since < 1_000; old += 1) answer = await probe();
    const code = /"code":"([^"]+)"/u.exec(answer.text)?.[1] ?? "";
    const took = `${(performance.now() - since).toFixed(0)} ms, after ${old} old answers`;
    elapsed.push(`${what}: ${took}: ${answer.status} ${code}`);
    return answer.status;
  };
  const get = (path: string, headers: Headers) => (): Promise<HttpAnswer> => send(two, "GET", path, headers);
  const dryCapture = (space: string, headers: Headers) => (): Promise<HttpAnswer> =>
    send(two, "POST", "/v1/capture", headers, {
      session_id: "probe",
      turns: [{ role: "user", content: "Remember that I like tea." }],
      dry_run: true,
      space,
    });

  test("TEN-2 a key that is revoked, and its token", async () => {
    const { organisation } = tenant;
    const { id, key } = await shell.makeKey({ label: "revoked", organisation, role: "editor" });
    const { token = "" } = await as(one, key, "POST", "/v1/auth/tokens", {});
    expect((await get("/v1/memories", bearer(token))()).status).toBe(200);
    expect(
      await seenWithin("a key revoked", 200, get("/v1/memories", bearer(key)), () =>
        as(one, tenant.keys.admin.key, "DELETE", `/v1/auth/keys/${id}`),
      ),
    ).toBe(401);
    expect((await get("/v1/memories", bearer(token))()).status).toBe(401);
  });

  test("COL-1 a member who is removed: key, token and sign-in", async () => {
    const { principal, key, cookie } = await makeMember("removed", "editor");
    const { token = "" } = await as(one, key, "POST", "/v1/auth/tokens", {});
    const named = { cookie, "cairn-organisation": tenant.organisation };
    for (const headers of [bearer(token), named]) expect((await get("/v1/memories", headers)()).status).toBe(200);
    expect(
      await seenWithin("a member removed", 200, get("/v1/memories", bearer(key)), () =>
        as(one, tenant.keys.admin.key, "DELETE", `/v1/members/${principal}`),
      ),
    ).toBe(401);
    for (const headers of [bearer(token), named]) expect((await get("/v1/memories", headers)()).status).toBe(401);
  });

  test("COL-1 a role that is lowered", async () => {
    const { principal, key } = await makeMember("lowered", "editor");
    expect(
      await seenWithin("a role lowered", 200, dryCapture(tenant.defaultSpace, bearer(key)), () =>
        as(one, tenant.keys.admin.key, "PATCH", `/v1/members/${principal}`, { role: "viewer" }),
      ),
    ).toBe(403);
  });

  test("COL-2 a grant that is removed, and a space that becomes private", async () => {
    const { principal, key } = await makeMember("granted", "viewer");
    const { key: owner } = await makeMember("owner-of-it", "admin");
    const admin = tenant.keys.admin.key;
    const { id = "" } = await as(one, owner, "POST", "/v1/spaces", { name: "shared" });
    const path = `/v1/spaces/${id}/grants/${principal}`;
    expect(
      await seenWithin("a grant given", 403, dryCapture(id, bearer(key)), () =>
        as(one, admin, "PUT", path, { actions: ["read", "write"] }),
      ),
    ).toBe(200);
    expect(
      await seenWithin("a grant removed", 200, dryCapture(id, bearer(key)), () => as(one, admin, "DELETE", path)),
    ).toBe(403);
    expect(
      await seenWithin("a space made private", 200, get(`/v1/memories?space=${id}`, bearer(key)), () =>
        as(one, owner, "PATCH", `/v1/spaces/${id}`, { visibility: "private" }),
      ),
    ).toBe(404);
  });

  test("TEN-1 a sign-in that is ended, and a person who is disabled", async () => {
    const first = await makeMember("signed-out", "editor");
    expect(
      await seenWithin("a session ended", 200, get("/v1/memories", { cookie: first.cookie }), async () => {
        const headers = { origin: one.url, cookie: first.cookie };
        expect((await send(one, "POST", "/auth/sign-out", headers, {})).status).toBe(200);
      }),
    ).toBe(401);
    const second = await makeMember("disabled", "editor");
    expect(
      await seenWithin("a person disabled", 200, get("/v1/memories", { cookie: second.cookie }), () =>
        as(one, root, "POST", `/v1/people/${second.principal}/disable`),
      ),
    ).toBe(401);
  });

  test("TEN-5 an organisation that is suspended, and comes back", async () => {
    const other = await seedTenant(shell);
    const path = `/v1/organisations/${other.organisation}`;
    const probe = get("/v1/memories", bearer(other.keys.admin.key));
    expect(
      await seenWithin("an organisation suspended", 200, probe, () =>
        as(one, root, "PATCH", path, { status: "suspended" }),
      ),
    ).toBe(403);
    expect(
      await seenWithin("an organisation active again", 403, probe, () =>
        as(one, root, "PATCH", path, { status: "active" }),
      ),
    ).toBe(200);
  });

  test("TEN-3 keys that sign tokens, where they are thrown away", async () => {
    const { token = "" } = await as(one, tenant.keys.admin.key, "POST", "/v1/auth/tokens", {});
    expect(
      await seenWithin("signing keys revoked", 200, get("/v1/memories", bearer(token)), () =>
        as(one, root, "POST", "/v1/auth/token-keys/rotate", { revoke: true }),
      ),
    ).toBe(401);
    const next = await as(two, tenant.keys.admin.key, "POST", "/v1/auth/tokens", {});
    expect((await send(one, "GET", "/v1/memories", bearer(next["token"] ?? ""))).status).toBe(200);
  });

  const onPlan = async (plan: string): Promise<TenantSeed> => {
    const seed = await seedTenant(shell);
    await as(one, root, "PATCH", `/v1/organisations/${seed.organisation}`, { plan });
    return seed;
  };
  const statusesOf = async (count: number, ask: (server: RunningServer) => Promise<HttpAnswer>) =>
    (await Promise.all(Array.from({ length: count }, (_, at) => ask(at % 2 === 0 ? one : two)))).map(
      ({ status }) => status,
    );

  test("TEN-4 a key's rate is one over both, exactly", async () => {
    for (;;) {
      const { organisation } = await onPlan("slow");
      const { key } = await shell.makeKey({ label: "fast", organisation, role: "viewer" });
      const begun = Math.floor(Date.now() / 60_000);
      const statuses = await statusesOf(80, (server) => send(server, "GET", "/v1/memories", bearer(key)));
      // Windows are minutes: a new one would begin to count anew.
      if (Math.floor(Date.now() / 60_000) !== begun) continue;
      expect(statuses.filter((status) => status === 200)).toHaveLength(40);
      expect(statuses.filter((status) => status === 429)).toHaveLength(40);
      return;
    }
  });

  test("TEN-5 TEN-6 a month's questions are counted over both, exactly, and usage is summed once", async () => {
    const seed = await onPlan("small");
    const key = seed.keys.admin.key;
    const statuses = await statusesOf(60, (server) =>
      send(server, "POST", "/v1/recall", bearer(key), { query: "What is there?" }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(25);
    expect(statuses.filter((status) => status === 403)).toHaveLength(35);
    const queriesOn = async (server: RunningServer): Promise<unknown> =>
      (await as<{ totals: Readonly<Record<string, number>> }>(server, key, "GET", "/v1/usage")).totals["queries"];
    for (const server of [one, two]) await expect.poll(() => queriesOn(server), { timeout: 5_000 }).toBe(25);
  });

  test("TEN-8 the chain of what happened on both is whole, as both see it, and has each call once", async () => {
    const seed = await seedTenant(shell);
    const key = seed.keys.admin.key;
    const ids = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const body = { content: `The heron number ${at} stands at the weir`, skip_dedup: true };
        return (await as(at % 2 === 0 ? one : two, key, "POST", "/v1/remember", body))["memory_id"];
      }),
    );
    for (const server of [one, two]) {
      const entriesOf = async () =>
        (
          await as<{ entries: readonly { readonly operation: string; readonly subjects: readonly string[] }[] }>(
            server,
            key,
            "GET",
            "/v1/audit?operation=memories.remember&limit=1000",
          )
        ).entries;
      await expect.poll(async () => (await entriesOf()).length, { timeout: 5_000 }).toBe(40);
      expect((await entriesOf()).flatMap(({ subjects }) => subjects).toSorted()).toEqual(ids.map(String).toSorted());
      const verified = await as<object>(server, key, "GET", "/v1/audit/verify");
      expect(verified).toMatchObject({ whole: true, complete: true, problem: null });
    }
  });

  test("TEN-2 calls that are under way when their key is revoked are done as a whole or refused as a whole", async () => {
    const { organisation } = tenant;
    const { id, key } = await shell.makeKey({ label: "under way", organisation, role: "editor" });
    const batch = (at: number) => ({
      memories: Array.from({ length: 50 }, (_, n) => ({ content: `Under way ${at}.${n}`, skip_dedup: true })),
    });
    const calls = Array.from({ length: 24 }, async (_, at) => {
      // So that they come one after another.
      for (let turn = 0; turn < 4 * at; turn += 1) await new Promise(setImmediate);
      return send(two, "POST", "/v1/remember/batch", bearer(key), batch(at));
    });
    await calls[0];
    await as(one, tenant.keys.admin.key, "DELETE", `/v1/auth/keys/${id}`);
    const answers = await Promise.all(calls);
    const good = answers.filter(({ status }) => status === 200);
    // Refused is 429 once too many calls from this address came with a key that is not good.
    for (const { status, text } of answers) expect([200, 401, 429], text.slice(0, 300)).toContain(status);
    for (const { text } of good) expect(JSON.parse(text)).toMatchObject({ successful: 50, failed: 0 });
    const { text } = await send(one, "GET", "/v1/stats", bearer(tenant.keys.admin.key));
    expect(JSON.parse(text)).toMatchObject({ total_memories: 50 * good.length });
    expect([401, 429]).toContain((await send(two, "GET", "/v1/stats", bearer(key))).status);
  });
});
