/** TribalMemory's clients on a server that asks who they are: with a key all is as without one, and without a key 401. */
import { bearer, type HttpAnswer, type HttpRequest } from "@cairn/testing/tenants/http-call";
import { makeWholeServer, type RunningServer } from "@cairn/testing/tenants/whole-server";
import { expect, test } from "vitest";
import { bindings } from "../rest/bindings.ts";

interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}
type Known = Readonly<Record<"memory" | "other" | "bundle", unknown>>;

/** A day of a client's, in TribalMemory's words; what later steps need comes from the answers to earlier ones. */
const session: readonly ((known: Partial<Known>) => Step)[] = [
  () => ({ method: "GET", path: "/v1/health" }),
  () => ({
    method: "POST",
    path: "/v1/remember",
    body: { content: "Anna prefers tea to coffee.", source_type: "user_explicit", tags: ["preferences"] },
  }),
  () => ({ method: "POST", path: "/v1/remember", body: { content: "Anna prefers tea to coffee." } }),
  () => ({ method: "POST", path: "/v1/remember", body: { content: "" } }),
  () => ({ method: "POST", path: "/v1/remember", body: {} }),
  () => ({
    method: "POST",
    path: "/v1/remember/batch",
    body: {
      memories: [{ content: "Anna lives in Lyon." }, { content: "The build runs on Node 24.", tags: ["build"] }],
    },
  }),
  () => ({ method: "POST", path: "/v1/recall", body: { query: "What does Anna drink?", limit: 5, min_relevance: 0 } }),
  () => ({ method: "POST", path: "/v1/recall", body: { query: "", limit: 5 } }),
  ({ other }) => ({
    method: "POST",
    path: "/v1/correct",
    body: { original_id: other, corrected_content: "Anna lives in Marseille." },
  }),
  () => ({ method: "POST", path: "/v1/correct", body: { original_id: "nothing", corrected_content: "No." } }),
  ({ memory }) => ({ method: "GET", path: `/v1/memory/${String(memory)}` }),
  () => ({ method: "GET", path: "/v1/memory/nothing" }),
  () => ({
    method: "POST",
    path: "/v1/sessions/ingest",
    body: {
      session_id: "session-42",
      messages: [{ role: "user", content: "How do I restart the build?", timestamp: "2026-01-05T10:00:00Z" }],
    },
  }),
  () => ({ method: "GET", path: "/v1/sessions/search?query=restart&min_relevance=0" }),
  () => ({ method: "GET", path: "/v1/sessions/search?limit=x" }),
  () => ({ method: "POST", path: "/v1/export", body: {} }),
  ({ bundle }) => ({ method: "POST", path: "/v1/import", body: { bundle, conflict_resolution: "skip" } }),
  () => ({ method: "POST", path: "/v1/import", body: { bundle: 5 } }),
  ({ memory }) => ({ method: "DELETE", path: `/v1/forget/${String(memory)}` }),
  () => ({ method: "DELETE", path: "/v1/forget/nothing" }),
  () => ({ method: "GET", path: "/v1/stats" }),
];

const comparable = ({ status, headers, text }: HttpAnswer): string =>
  `${status} ${headers["content-type"] ?? ""}\n${text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gu, "‹uuid›")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)/gu, "‹time›")
    .replace(/"(\w*_ms|bytes)":[\d.e-]+/gu, '"$1":‹number›')
    .replace(/"(?:key:\w+|local)"/gu, '"‹who›"')}`;

const play = async ({ send }: RunningServer, headers: HttpRequest["headers"]): Promise<readonly string[]> => {
  const known: { -readonly [Name in keyof Known]?: unknown } = {};
  const said: string[] = [];
  for (const step of session) {
    const { method, path, body } = step(known);
    const request = { method, path, ...(body === undefined ? {} : { body }) };
    const answer = await send({ ...request, headers: headers ?? {} });
    said.push(`${method} ${path.replace(/[0-9a-f-]{36}/gu, "‹uuid›")}\n${comparable(answer)}`);
    const told = JSON.parse(answer.text) as {
      readonly memory_id?: string;
      readonly results?: readonly { readonly memory_id?: string }[];
      readonly bundle?: unknown;
    };
    if (path === "/v1/remember") known.memory ??= told.memory_id;
    if (path === "/v1/remember/batch") known.other = told.results?.[0]?.memory_id;
    if (path === "/v1/export") known.bundle = told.bundle;
  }
  return said;
};

test("TEN-2 a TribalMemory client with a bearer is answered as on a server without sign-in, all day", async () => {
  await using open = await makeWholeServer({ settings: { auth: "off", trusted_proxies: [] } });
  await using keyed = await makeWholeServer();
  const shell = await keyed.shell();
  const { key } = await shell.makeKey({ label: "an old client", role: "editor" });
  await shell[Symbol.asyncDispose]();
  const without = await play(await open.start(), {});
  const server = await keyed.start();
  const withKey = await play(server, bearer(key));
  expect(withKey).toEqual(without);
  expect(without.join("\n")).toContain("Anna lives in Marseille.");

  // Without a key nothing is done, and the answer says so in a way that programs can test.
  for (const { method, path, section } of bindings) {
    if (section !== "tribal" || path === "/v1/health") continue;
    const filled = path.replace(/\{\w+\}/gu, "nothing");
    const body = method === "POST" ? { body: {} } : {};
    const answer = await server.send({ method, path: filled, ...body });
    expect([path, answer.status, answer.headers["content-type"]]).toEqual([path, 401, "application/problem+json"]);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="cairn"');
    expect(JSON.parse(answer.text)).toMatchObject({
      code: "auth.required",
      status: 401,
      request_id: expect.any(String),
    });
  }
  // Who only looks whether the server lives needs no key.
  expect((await server.send({ method: "GET", path: "/v1/health" })).status).toBe(200);
}, 30_000);
