/**
 * Isolation as a customer would try it: many tenants on one server, each with words of its own in everything; every route
 * of the server called by each with what the others have. Nothing of another shows, nothing of another changes, and the
 * answer is the one to what does not exist.
 */
import { randomInt } from "node:crypto";
import { requirementOf } from "@cairn/memory/permission/permission";
import { bearer, type HttpAnswer, jsonOf } from "@cairn/testing/tenants/http-call";
import { catchMail } from "@cairn/testing/tenants/mail-catcher";
import {
  type CredentialKind,
  eachOf,
  fillTenant,
  type IdKind,
  idKinds,
  type MarkedTenant,
  markerPattern,
  seedTenant,
} from "@cairn/testing/tenants/marked-tenants";
import { makeWholeServer, type RunningServer, type WholeServer } from "@cairn/testing/tenants/whole-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bindings } from "../rest/bindings.ts";
import {
  absentLike,
  anyAttempt,
  type Attempt,
  attemptsAt,
  comparable,
  isComparable,
  type Made,
  makeAttempt,
  ownRequest,
  placesOf,
} from "./attack.fixture.ts";
import { sendAtRandom } from "./random-requests.fixture.ts";
import { samples } from "./samples.fixture.ts";
import { stateOf } from "./state.fixture.ts";

export interface IsolationOptions {
  readonly name: string;
  readonly tenants: number;
  /** Makes the database, where it is not files. */
  readonly database?: () => Promise<AsyncDisposable & { readonly url: string }>;
}

/** Of `CAIRN_ISOLATION_TENANTS`: 24 in every run, 200 where it counts. */
export const tenantsWanted = (): number => Number(process.env["CAIRN_ISOLATION_TENANTS"] ?? 24);

const routes = bindings.map(({ method, path }) => `${method} ${path}`);
const attackers: readonly CredentialKind[] = ["admin", "viewer", "bound", "token"];
/** Tenants that make them: they never kept anything under another's name, so that nothing of another may show. */
const careless = 4;
/** Requests at a time. */
const together = 8;

export const describeIsolation = ({ name, tenants: count, database }: IsolationOptions): void => {
  describe(`${count} tenants on one server: ${name}`, () => {
    const opened = new AsyncDisposableStack();
    let server: WholeServer;
    let running: RunningServer;
    let tenants: readonly MarkedTenant[] = [];
    let root = "";
    const ownerOf = new Map<string, string>();
    const started = performance.now();
    const lap = (what: string): void =>
      void process.stdout.write(`${name}: ${what} after ${Math.round((performance.now() - started) / 1_000)} s\n`);

    beforeAll(async () => {
      const mail = opened.use(await catchMail());
      const found = database === undefined ? null : opened.use(await database());
      const more = found === null ? {} : { database: found.url };
      server = opened.use(await makeWholeServer({ ...more, settings: { mail_url: mail.url } }));
      const shell = await server.shell();
      root = (await shell.makeKey({ label: "root", role: "admin" })).key;
      // One more, for what must work and ends what it is called for; and some that send what is wrong at random.
      const seeds = await eachOf(Array.from({ length: count + 1 + careless }), 1, () => seedTenant(shell));
      await shell[Symbol.asyncDispose]();
      running = await server.start();
      tenants = await eachOf(seeds, together, (seed) => fillTenant(running, seed));
      for (const { marker, ids } of tenants) {
        for (const kind of idKinds)
          for (const id of ids[kind]) if (/[0-9a-f]{8}-|^(?:key:)?[0-9A-Za-z]{20}$/u.test(id)) ownerOf.set(id, marker);
      }
      lap(`${count} tenants made`);
    }, 600_000);
    afterAll(() => opened.disposeAsync(), 60_000);

    /** Words and ids of others in an answer, besides those that were sent. */
    const crossed = (answer: HttpAnswer, made: Made, own: MarkedTenant): readonly string[] => {
      const all = `${JSON.stringify(answer.headers)}\n${answer.text}`;
      const sent = JSON.stringify([made.tried, made.request.path]).toLowerCase();
      const words = [...all.matchAll(markerPattern)].map(([word]) => word.toLowerCase());
      const ids = all.match(/(?:user:|key:)?(?:[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9A-Za-z]{20}\b)/gu) ?? [];
      const foreign = [
        ...words.filter((word) => word !== own.marker && tenants.some(({ marker }) => marker === word)),
        ...ids.filter((id) => (ownerOf.get(id) ?? own.marker) !== own.marker),
      ];
      return [...new Set(foreign)].filter((one) => !sent.includes(one.toLowerCase()));
    };

    test("API-10 every route has a sample, and every sample a route", () => {
      expect(Object.keys(samples).toSorted()).toEqual(routes.toSorted());
    });

    test("ENG-2 each route works with the tenant's own ids, so that what follows is not empty", async () => {
      const own = tenants[count]!;
      const [ending = [], others = []] = [true, false].map((last) =>
        Object.entries(samples).filter(([, sample]) => (sample.last ?? false) === last),
      );
      const wrong: string[] = [];
      for (const [route, sample] of [...others, ...ending]) {
        const { as = "admin" } = sample;
        const credential = as === "root" ? root : as === "leaver" ? own.leaver : own.credentials[as];
        const { status, text } = await running.send(ownRequest(route, sample, own, credential));
        if (status < 200 || status > 299 || text.includes('"success":false'))
          wrong.push(`${route}: ${status} ${text.slice(0, 300)}`);
      }
      expect(wrong).toEqual([]);
    }, 120_000);

    const triedBefore = new Set<string>();
    const attack = async (attempt: Attempt, attacker: MarkedTenant, victim: MarkedTenant, as: CredentialKind) => {
      // Who guesses is slowed down by address, which is not what is tried here.
      const forwarded = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
      const send = async (change: (id: string) => string): Promise<readonly [Made, HttpAnswer]> => {
        const made = makeAttempt(attempt, attacker, victim, attacker.credentials[as], change);
        const headers = { ...made.request.headers, "x-forwarded-for": forwarded };
        return [made, await running.send({ ...made.request, headers })];
      };
      const [made, answer] = await send((id) => id);
      const problems = crossed(answer, made, attacker).map((what) => `shows ${what}: ${answer.text.slice(0, 400)}`);
      if (answer.status >= 500) problems.push(`answers ${answer.status}: ${answer.text.slice(0, 300)}`);
      // What was kept under a name once is the caller's own from then on.
      const name = JSON.stringify([
        attempt.route,
        attacker.marker,
        victim.marker,
        attempt.place,
        attempt.kind,
        attempt.variant,
      ]);
      const isAgain = attempt.sample.keeps !== undefined && triedBefore.has(name);
      triedBefore.add(name);
      if (isComparable(attempt) && attempt.sample.taken === undefined && !isAgain) {
        const [other, absent] = await send(absentLike);
        const [here, there] = [comparable(answer, made), comparable(absent, other)];
        if (here !== there)
          problems.push(
            `(${made.tried.join(", ")} tried by ${attacker.marker}) differs from what nobody has:\n${here}\n--- nobody's\n${there}`,
          );
      }
      const { route, place, kind, header } = attempt;
      const what = `${route} as ${as} with ${header ?? kind ?? "all"} at ${place ?? "every place"}`;
      return problems.map((problem) => `${what} ${problem}`);
    };

    test("ENG-2 every route with every other's ids in every place shows nothing, tells nothing and changes nothing", async () => {
      const all = tenants.slice(0, count);
      const half = Math.floor(all.length / 2);
      const attempts = routes.flatMap((route) => attemptsAt(route, samples[route]!, all[0]!));
      const rounds = Math.ceil(count / 24);
      const problems: string[] = [];
      let requests = 0;
      // First one half tries the other, then the other the one: who is tried does nothing meanwhile.
      for (const [trying, tried] of [
        [all.slice(0, half), all.slice(half)],
        [all.slice(half), all.slice(0, half)],
      ] as const) {
        const since = Date.now();
        const before = await eachOf(tried, together, (tenant) => stateOf(running, tenant));
        const work = Array.from({ length: rounds }, () => attackers)
          .flat()
          .flatMap((as) => attempts.map((attempt) => ({ attempt, as })))
          .filter((_, at) => (at + (trying[0] === all[0] ? 0 : 1)) % 2 === 0);
        // Any kind of id, in any place.
        const harmless = Object.entries(samples).filter(
          ([, { last, keeps, taken }]) => last !== true && keeps === undefined && taken === undefined,
        );
        const mixed = Array.from({ length: 10 * count }, () => ({
          attempt: anyAttempt(harmless, idKinds),
          as: "admin" as const,
        }));
        for (const keeps of [undefined, "names", "ids"]) {
          const some = [...work, ...mixed].filter(({ attempt }) => attempt.sample.keeps === keeps);
          const offset = randomInt(1_000);
          const found = await eachOf(some, together, ({ attempt, as }, at) => {
            requests += 2;
            return attack(
              attempt,
              trying[(at + offset) % trying.length]!,
              tried[(7 * at + offset) % tried.length]!,
              as,
            );
          });
          problems.push(...found.flat());
        }
        const after = await eachOf(tried, together, (tenant) => stateOf(running, tenant));
        for (const [at, tenant] of tried.entries()) {
          if (JSON.stringify(before[at]) !== JSON.stringify(after[at])) {
            const parts = Object.keys(after[at]!).filter(
              (part) => JSON.stringify(before[at]![part]) !== JSON.stringify(after[at]![part]),
            );
            problems.push(`${tenant.marker} changed in ${parts.join(", ")}`);
          }
          problems.push(...(await strangersIn(tenant, since)));
        }
      }
      lap(`${requests} requests with others' ids`);
      expect(problems.slice(0, 20)).toEqual([]);
    }, 3_600_000);

    test("ENG-2 a credential of one space, and a space of one person, are as apart within a tenant", async () => {
      const own = tenants[0]!;
      const apart: readonly (readonly [CredentialKind, readonly IdKind[]])[] = [
        ["bound", ["space", "privateSpace"]],
        ["admin", ["privateSpace"]],
        ["viewer", ["privateSpace"]],
      ];
      const problems: string[] = [];
      for (const [route, sample] of Object.entries(samples)) {
        for (const [place, { kind: kindThere }] of placesOf(sample).entries()) {
          if (!/[sS]pace$/u.test(kindThere)) continue;
          for (const [as, kinds] of apart)
            for (const kind of kinds)
              for (const variant of [0, 1])
                problems.push(...(await attack({ route, sample, place, kind, variant }, own, own, as)));
        }
      }
      expect(problems.slice(0, 10)).toEqual([]);
    }, 60_000);

    test("COL-2 who administrates the server has no more of what tenants keep than anybody else", async () => {
      const [victim, other] = [tenants[0]!, tenants[1]!];
      const administrator = { ...other, credentials: { ...other.credentials, admin: root } };
      const problems: string[] = [];
      for (const { method, path, operation } of bindings) {
        const route = `${method} ${path}`;
        const kept = /^(?:memories|keys|usage|embeddings|spaces):/u.test(operation.permission);
        // It may list the names of any organisation's spaces.
        if (!kept || operation.name === "spaces.list") continue;
        const everywhere = { route, sample: samples[route]!, place: null, kind: null, variant: 0 };
        problems.push(...(await attack(everywhere, administrator, victim, "admin")));
      }
      expect(problems.slice(0, 10)).toEqual([]);
    }, 60_000);

    test("COL-2 a public space is read by others, and nothing else is done to it", async () => {
      const [victim, attacker] = [tenants[0]!, tenants[count]!];
      const [lab = ""] = victim.ids.space;
      const change = { method: "PATCH", path: `/v1/spaces/${lab}`, body: { visibility: "public" } };
      const headers = bearer(victim.credentials.admin);
      expect((await running.send({ ...change, headers })).status).toBe(200);
      const before = await stateOf(running, victim);
      const done: string[] = [];
      for (const { method, path, operation } of bindings) {
        const route = `${method} ${path}`;
        const sample = samples[route]!;
        for (const [place, { kind }] of placesOf(sample).entries()) {
          if (!/[sS]pace$/u.test(kind)) continue;
          const attempt = { route, sample, place, kind: "space" as const, variant: 0 };
          const { request } = makeAttempt(attempt, attacker, victim, attacker.credentials.admin, (id) => id);
          const { status, text } = await running.send(request);
          const isDone = status < 300 && !text.includes('"success":false');
          const { space: action = "read" } = requirementOf(operation.permission);
          if (isDone && action !== "read") done.push(`${route}: ${text.slice(0, 200)}`);
        }
      }
      expect(done).toEqual([]);
      expect(await stateOf(running, victim)).toEqual(before);
      await running.send({ ...change, body: { visibility: "organisation" }, headers });
    });

    test("COL-2 a provider, as a key, is bound to a space of its own organisation only", async () => {
      const [victim, other] = [tenants[0]!, tenants[count]!];
      const space = victim.ids.space[0];
      const setTo = (visibility: string): Promise<HttpAnswer> =>
        running.send({
          method: "PATCH",
          path: `/v1/spaces/${space}`,
          body: { visibility },
          headers: bearer(victim.credentials.admin),
        });
      const bind = (path: string, body: object): Promise<HttpAnswer> =>
        running.send({ method: "POST", path, body: { ...body, space }, headers: bearer(other.credentials.admin) });
      await setTo("public");
      const key = await bind("/v1/auth/keys", { label: "bound elsewhere", role: "viewer", scopes: ["memories:read"] });
      const issuer = `https://${other.marker}.example`;
      const to = { issuer, audience: "elsewhere", jwks_uri: `${issuer}/jwks.json`, default_role: "viewer" };
      const provider = await bind("/v1/auth/providers", to);
      await setTo("organisation");
      expect([key.status, provider.status]).toEqual([422, 422]);
    });

    /** Who else is in a tenant's audit. */
    const strangersIn = async (
      { marker, credentials, ids }: MarkedTenant,
      since: number,
    ): Promise<readonly string[]> => {
      const path = `/v1/audit?limit=1000&from=${new Date(since).toISOString()}`;
      const answer = await running.send({ method: "GET", path, headers: bearer(credentials.admin) });
      const { entries } = jsonOf<{ entries: readonly { principal: string }[] }>(answer, path);
      return entries
        .filter(({ principal }) => !ids.principal.includes(principal))
        .map(({ principal }) => `${principal} is in the audit of ${marker}`);
    };

    test("ENG-2 what is no operation tells a tenant nothing, and stops nothing", async () => {
      const own = tenants[0]!;
      const made: Made = { request: { method: "GET", path: "/" }, tried: [], fresh: [] };
      for (const path of [
        "/metrics",
        "/docs",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/v1/shutdown",
        "/auth/session",
        "/.well-known/jwks.json",
        "/",
      ]) {
        for (const method of ["GET", "POST"]) {
          for (const credential of [own.credentials.admin, own.credentials.token, null]) {
            const answer = await running.send({ method, path, headers: credential === null ? {} : bearer(credential) });
            expect(crossed(answer, made, own), `${method} ${path}`).toEqual([]);
            expect(answer.status, `${method} ${path}`).toBeLessThan(500);
            if (path === "/metrics" || path === "/v1/shutdown")
              expect([401, 403, 404, 405], `${method} ${path}`).toContain(answer.status);
          }
        }
      }
      expect((await running.send({ method: "GET", path: "/healthz" })).status).toBe(200);
    });

    test("API-10 requests that are wrong at random are never the server's fault, and show nothing of others", async () => {
      const victims = tenants.slice(0, count);
      const callers = tenants.slice(count + 1);
      const { statuses, seed } = await sendAtRandom({ running, callers, victims, together, crossed });
      const total = [...statuses.values()].reduce((sum, some) => sum + some, 0);
      lap(`${total} random requests from the seed ${seed} (${JSON.stringify(Object.fromEntries(statuses))})`);
      expect(statuses.get(200)).toBeGreaterThan(0);
      expect((await running.send({ method: "GET", path: "/readyz" })).status).toBe(200);
      expect(server.lines.filter((line) => line.includes('"level":"error"')).slice(0, 5)).toEqual([]);
    }, 120_000);
  });
};
