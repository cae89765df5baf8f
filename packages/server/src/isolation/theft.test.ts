/** Whoever tries to get in with what is not theirs, or not any more, over HTTP. */
import { createHmac } from "node:crypto";
import { keyIdOf, mintKey } from "@cairn/directory/keys/key-format";
import { bearer, type HttpAnswer } from "@cairn/testing/tenants/http-call";
import { seedTenant } from "@cairn/testing/tenants/marked-tenants";
import { makeWholeServer, type RunningServer } from "@cairn/testing/tenants/whole-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const password = "correct horse battery staple";

/** A key with the id of another one, and a checksum that is right. */
const withIdOf = (key: string): string => {
  const id = keyIdOf(key) ?? "";
  let first = true;
  return mintKey((bytes) => {
    for (const at of bytes.keys()) bytes[at] = first ? base62.indexOf(id.charAt(at)) & 255 : (at * 7 + 3) % 62;
    first = false;
  }).key;
};

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const decoded = (part: string | undefined): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8")) as Readonly<Record<string, unknown>>;

const swapped = (text: string): string => {
  let at = 40;
  while (text.charAt(at) === text.charAt(at + 1)) at += 1;
  return `${text.slice(0, at)}${text.charAt(at + 1)}${text.charAt(at)}${text.slice(at + 2)}`;
};

describe("theft", () => {
  const opened = new AsyncDisposableStack();
  let server: RunningServer;
  let root = "";
  let tenant: Awaited<ReturnType<typeof seedTenant>>;
  let other: typeof tenant;
  /** Headers that must not let anybody in, by what is wrong with them. */
  const stolen = new Map<string, Readonly<Record<string, string>>>();
  let next = 0;
  /** Each from an address of its own: how often one may guess is another matter. */
  const from = (): Readonly<Record<string, string>> => {
    next += 1;
    return { "x-forwarded-for": `10.9.${Math.floor(next / 250)}.${1 + (next % 250)}` };
  };
  const send = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<HttpAnswer> =>
    server.send({ method, path, headers: { ...from(), ...headers }, ...(body === undefined ? {} : { body }) });
  const as = async (
    key: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Readonly<Record<string, string>>> => {
    const answer = await send(method, path, bearer(key), body);
    if (answer.status > 299) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer.text === "" ? {} : (JSON.parse(answer.text) as Readonly<Record<string, string>>);
  };
  const codeOf = ({ text }: HttpAnswer): string => (JSON.parse(text) as { readonly code: string }).code;
  const signIn = async (email: string): Promise<string> => {
    const answer = await send("POST", "/auth/sign-in", { origin: server.url }, { email, password });
    if (answer.status !== 200) throw new Error(`Sign-in answered ${answer.status}: ${answer.text}`);
    return /cairn\.session_token=[^;]+/u.exec(answer.headers["set-cookie"] ?? "")?.[0] ?? "";
  };

  beforeAll(async () => {
    const whole = opened.use(await makeWholeServer());
    const shell = await whole.shell();
    const { tenants, access } = shell.services;
    root = (await shell.makeKey({ label: "root", role: "admin" })).key;
    [tenant, other] = [await seedTenant(shell), await seedTenant(shell)];
    const { organisation } = tenant;
    const key = (label: string, more = {}) => shell.makeKey({ label, organisation, role: "editor", ...more });
    const good = tenant.keys.admin.key;

    const accounts = await access.accounts();
    const member = async (name: string): Promise<string> => {
      const email = `${name}@${tenant.marker}.example`;
      const { principal } = await accounts.createPerson({ email, name, password, verified: true });
      await tenants.organisations.setMember(organisation, { principal, role: "editor", by: "local" });
      return principal;
    };
    const [gone, , disabled] = [await member("gone"), await member("ended"), await member("disabled")];
    const ofGone = (await shell.makeKey({ label: "gone", organisation, owner: gone })).key;
    const expired = await key("expired");
    await tenants.keys.update(organisation, expired.id, { expiresAt: Date.now() - 1_000 });
    const elsewhere = await key("elsewhere", { addresses: ["198.51.100.0/24"] });
    const revoked = await key("revoked");
    const withToken = await key("with a token");
    const late = await access.tokens.issuer.issue({
      principal: `key:${withToken.id}`,
      organisation,
      scopes: ["memories:read"],
      space: null,
      key: withToken.id,
      instance: null,
      expiresAt: Date.now() - 60_000,
    });
    await shell[Symbol.asyncDispose]();
    server = await whole.start();

    const tokenOf = async (of: string): Promise<string> => (await as(of, "POST", "/v1/auth/tokens", {}))["token"] ?? "";
    const [token, ofRevoked, ofOther, goneToken] = [
      await tokenOf(good),
      await tokenOf(withToken.key),
      await tokenOf(other.keys.admin.key),
      await tokenOf(ofGone),
    ];
    // All worked until now.
    for (const one of [revoked.key, ofGone, goneToken, ofRevoked, withToken.key]) await as(one, "GET", "/v1/memories");
    const [goneCookie, endedCookie, disabledCookie] = [
      await signIn(`gone@${tenant.marker}.example`),
      await signIn(`ended@${tenant.marker}.example`),
      await signIn(`disabled@${tenant.marker}.example`),
    ];
    for (const cookie of [goneCookie, endedCookie, disabledCookie]) {
      const { status } = await send("GET", "/v1/memories", { cookie });
      if (status !== 200) throw new Error(`A good cookie was answered ${status}.`);
    }
    await as(good, "DELETE", `/v1/members/${gone}`);
    await as(good, "DELETE", `/v1/auth/keys/${revoked.id}`);
    await as(good, "DELETE", `/v1/auth/keys/${withToken.id}`);
    await send("POST", "/auth/sign-out", { origin: server.url, cookie: endedCookie }, {});
    await as(root, "POST", `/v1/people/${disabled}/disable`);

    const [head = "", payload = "", signature = ""] = token.split(".");
    const [otherHead = "", otherPayload = "", otherSignature = ""] = ofOther.split(".");
    const jwks = await send("GET", "/.well-known/jwks.json", {});
    const [published] = (JSON.parse(jwks.text) as { readonly keys: readonly Readonly<Record<string, string>>[] }).keys;
    const confused = (secret: string | Buffer): string => {
      const start = `${encoded({ ...decoded(head), alg: "HS256" })}.${payload}`;
      return `${start}.${createHmac("sha256", secret).update(start).digest("base64url")}`;
    };
    const forged = (claims: object, by: object = {}): string =>
      `${encoded({ ...decoded(head), ...by })}.${encoded({ ...decoded(payload), ...claims })}.${signature}`;
    const bearers = {
      "a guessed key": mintKey().key,
      "a key cut short": good.slice(0, -1),
      "a key without its secret": good.slice(0, 32),
      "a key with another's checksum": `${good.slice(0, -6)}${other.keys.admin.key.slice(-6)}`,
      "a key with two characters swapped": swapped(good),
      "a known id with a secret of its own": withIdOf(good),
      "a key in small letters": good.toLowerCase(),
      "a revoked key": revoked.key,
      "an expired key": expired.key,
      "a key from another address": elsewhere.key,
      "a removed member's key": ofGone,
      "a token without a signature": `${encoded({ ...decoded(head), alg: "none" })}.${payload}.`,
      "a token of no algorithm with a signature": forged({}, { alg: "none" }),
      "a token signed with the public key as a secret": confused(JSON.stringify(published)),
      "a token signed with the public key's bytes as a secret": confused(
        Buffer.from(published?.["x"] ?? "", "base64url"),
      ),
      "a token with another's signature": `${head}.${payload}.${otherSignature}`,
      "a token with another's claims": `${head}.${otherPayload}.${signature}`,
      "a token for another organisation": forged({ org: other.organisation }),
      "a token of an unknown key": forged({}, { kid: "01a200c3-d0ed-7143-9467-309d95a4aaba" }),
      "a token that brings its own key": forged({}, { jwk: published }),
      "a token that says where its key is": forged({}, { jku: "http://127.0.0.1:1/jwks.json" }),
      "a token of an unknown issuer": forged({ iss: "https://login.example.com" }),
      "a token for another audience": forged({ aud: "somebody" }),
      "a token that lasts longer": forged({ exp: 4_000_000_000 }),
      "a token of more scopes": forged({ scope: "server:manage memories:read" }),
      "a token that has run out": late,
      "a token of a revoked key": ofRevoked,
      "a removed member's token": goneToken,
      "a token of no sense": "a.b.c",
      "another head": `${otherHead}.${payload}.${signature.split("").toReversed().join("")}`,
      nonsense: "nonsense",
    };
    for (const [what, value] of Object.entries(bearers)) stolen.set(what, bearer(value));
    stolen.set("another scheme", { authorization: "Basic dXNlcjpwYXNz" });
    stolen.set("an empty bearer", { authorization: "Bearer" });
    stolen.set("another tenant's key here", {
      ...bearer(other.keys.admin.key),
      "cairn-organisation": tenant.organisation,
    });
    stolen.set("another tenant's token here", { ...bearer(ofOther), "cairn-organisation": tenant.slug });
    stolen.set("a wrong key beside a good cookie", { ...bearer(mintKey().key), cookie: goneCookie });
    cookies.set("none", {});
    cookies.set("one that was signed out", { cookie: endedCookie });
    cookies.set("of a person who is disabled", { cookie: disabledCookie });
    cookies.set("with another signature", { cookie: `${goneCookie.slice(0, -8)}AAAAAAA%3D` });
    cookies.set("made up", { cookie: "cairn.session_token=abc.def" });
    cookies.set("of a removed member, there", { cookie: goneCookie, "cairn-organisation": tenant.organisation });
    ofRemoved = goneCookie;
  }, 60_000);
  afterAll(() => opened.disposeAsync());
  const cookies = new Map<string, Readonly<Record<string, string>>>();
  let ofRemoved = "";

  const routes: readonly { readonly method: string; readonly path: string; readonly body?: unknown }[] = [
    { method: "GET", path: "/v1/memories" },
    { method: "POST", path: "/v1/remember", body: { content: "Mine now." } },
    { method: "POST", path: "/v1/recall", body: { query: "anything" } },
    { method: "GET", path: "/v1/auth/whoami" },
    { method: "POST", path: "/v1/auth/tokens", body: {} },
    { method: "GET", path: "/metrics" },
    { method: "POST", path: "/v1/shutdown" },
  ];
  const plain = ({ status, headers, text }: HttpAnswer): string => {
    const { date: _, "x-request-id": id = "", ...rest } = headers;
    return JSON.stringify([status, rest, text.replaceAll(id, "‹request›")]);
  };

  test.for(routes)(
    "TEN-2 TEN-3 $method $path answers all that is wrong with one 401, whatever it is",
    async ({ method, path, body }) => {
      const answers = new Map<string, string>();
      const tryOut = async ([what, headers]: readonly [string, Readonly<Record<string, string>>]): Promise<void> => {
        const answer = await send(method, path, headers, body);
        expect([what, answer.status, codeOf(answer)]).toEqual([what, 401, "auth.invalid"]);
        expect(answer.headers["www-authenticate"]).toBe('Bearer realm="cairn", error="invalid_token"');
        answers.set(plain(answer), what);
      };
      await Promise.all([...stolen].map(tryOut));
      expect([...answers.values()]).toHaveLength(1);
    },
  );

  test.for(routes)("TEN-1 $method $path takes an old or false cookie for nobody", async ({ method, path, body }) => {
    const answers = new Set<string>();
    for (const [what, headers] of cookies) {
      const answer = await send(
        method,
        path,
        { ...headers, ...(method === "GET" ? {} : { origin: server.url }) },
        body,
      );
      expect([what, answer.status, codeOf(answer)]).toEqual([what, 401, "auth.required"]);
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="cairn"');
      answers.add(plain(answer));
    }
    expect(answers.size).toBe(1);
  });

  test("COL-1 a removed member's sign-in is still the person's, and reaches nothing of the organisation", async () => {
    const cookie = { cookie: ofRemoved };
    const seen = await send("GET", "/v1/me", cookie);
    expect(JSON.parse(seen.text)).toMatchObject({ organisations: [] });
    for (const path of [
      "/v1/memories",
      `/v1/memories?space=${tenant.defaultSpace}`,
      `/v1/spaces/${tenant.defaultSpace}`,
    ]) {
      const answer = await send("GET", path, cookie);
      expect([path, codeOf(answer)]).toEqual([path, "space.not_found"]);
    }
    for (const path of ["/v1/members", `/v1/organisations/${tenant.organisation}`, "/v1/audit", "/v1/usage"])
      expect([401, 403]).toContain((await send("GET", path, cookie)).status);
  });

  test("COL-1 an invitation works once: again it is as unknown as any other", async () => {
    const accept = (token: string) => send("POST", "/v1/invitations/accept", bearer(tenant.keys.person.key), { token });
    expect((await accept(tenant.token)).status).toBe(200);
    const answers = new Set<string>();
    for (const token of [
      tenant.token,
      other.token,
      `${tenant.token.slice(0, -1)}-`,
      "short",
      tenant.token.toUpperCase(),
    ]) {
      const answer = await accept(token);
      expect(answer.status).toBe(404);
      const { "ratelimit-remaining": _, "ratelimit-reset": __, ratelimit: ___, ...headers } = answer.headers;
      answers.add(plain({ ...answer, headers }));
    }
    expect(answers.size).toBe(1);
  });

  test("TEN-4 who guesses often from one address waits, and a good key from there is let in", async () => {
    const there = { "x-forwarded-for": "203.0.113.9" };
    const statuses: number[] = [];
    for (let at = 0; at < 25; at += 1) {
      const { status, headers } = await send("GET", "/v1/memories", { ...bearer(mintKey().key), ...there });
      statuses.push(status);
      if (status === 429) expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    }
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    expect((await send("GET", "/v1/memories", { ...bearer(tenant.keys.admin.key), ...there })).status).toBe(200);
  });

  test("TEN-2 how long refusals take is printed, and decides nothing", async () => {
    const times: string[] = [];
    for (const what of [
      "a guessed key",
      "a key with two characters swapped",
      "a revoked key",
      "a token of no sense",
      "a token with another's claims",
      "a removed member's token",
    ]) {
      const taken: number[] = [];
      for (let at = 0; at < 15; at += 1) {
        const begun = performance.now();
        await send("GET", "/v1/memories", stolen.get(what) ?? {});
        taken.push(performance.now() - begun);
      }
      taken.sort((one, another) => one - another);
      times.push(`${what}: ${taken[7]?.toFixed(1)} ms (${taken[0]?.toFixed(1)} to ${taken[14]?.toFixed(1)})`);
    }
    process.stdout.write(`refusals, the median of 15:\n  ${times.join("\n  ")}\n`);
    expect(times).toHaveLength(6);
  });

  test("TEN-5 a suspended organisation is told so to who belongs to it, and to nobody else", async () => {
    const { token = "" } = await as(other.keys.admin.key, "POST", "/v1/auth/tokens", {});
    await as(root, "PATCH", `/v1/organisations/${other.organisation}`, { status: "suspended" });
    const { admin, viewer, bound, person } = other.keys;
    for (const { method, path, body } of routes) {
      const answers = new Set<string>();
      for (const credential of [admin.key, viewer.key, bound.key, person.key, token]) {
        const answer = await send(method, path, bearer(credential), body);
        expect([path, answer.status, codeOf(answer)]).toEqual([path, 403, "organisation.suspended"]);
        // Whether the body had come by then costs the connection or not.
        const { connection: _, "keep-alive": __, ...headers } = answer.headers;
        answers.add(plain({ ...answer, headers }));
      }
      expect(answers.size, path).toBe(1);
    }
    // A wrong secret does not learn it.
    const answer = await send("GET", "/v1/memories", bearer(withIdOf(other.keys.admin.key)));
    expect([answer.status, codeOf(answer)]).toEqual([401, "auth.invalid"]);
    await as(root, "PATCH", `/v1/organisations/${other.organisation}`, { status: "active" });
    await as(other.keys.admin.key, "GET", "/v1/memories");
  });

  test("TEN-2 nothing of it was written, and no secret is in the audit", async () => {
    const { text } = await send("GET", "/v1/memories", bearer(tenant.keys.admin.key));
    expect(text).not.toContain("Mine now.");
    const audit = await send("GET", "/v1/audit?limit=1000", bearer(root));
    expect(audit.text).toContain("sign-in.credential");
    for (const [what, { authorization = "" }] of stolen) {
      const secret = authorization.slice("Bearer ".length);
      if (secret.length > 40) expect(audit.text.includes(secret.slice(32, 60)), what).toBe(false);
    }
  });
});
