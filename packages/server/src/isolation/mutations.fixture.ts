/** Valid requests made wrong at random, as fast-check's generators, so that a seed makes the same ones again. */
import type { HttpRequest } from "@cairn/testing/tenants/http-call";
import fc from "fast-check";

/** Changes one request; `pick` chooses a place of so many. */
export type Mutation = (request: HttpRequest, pick: (count: number) => number) => HttpRequest;

const odd: readonly unknown[] = [
  null,
  "",
  " ",
  0,
  -1,
  1.5,
  1e308,
  2 ** 53 + 2,
  true,
  [],
  {},
  [[]],
  "\u0000",
  "\uD800",
  "a\u202Eb",
  "'; DROP TABLE spaces; --",
  "%00",
  "../../etc/passwd",
  "${7*7}",
  "*",
  "%",
  "x".repeat(100_000),
  "0".repeat(400),
  "2026-02-30T25:61:61Z",
  "+275760-09-13T00:00:00.001Z",
  "00000000-0000-0000-0000-000000000000",
  "__proto__",
  "constructor",
  { ["__proto__"]: { administrator: true } },
  { toString: 1 },
  Array.from({ length: 2_000 }, () => "a"),
  JSON.parse(`${"[".repeat(90)}${"]".repeat(90)}`),
];

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...odd),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary" }),
);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same value with another in one of its places, however deep. */
const replaced = (value: unknown, by: unknown, pick: (count: number) => number): unknown => {
  const goesDeeper = pick(3) > 0;
  if (Array.isArray(value) && value.length > 0 && goesDeeper) {
    const at = pick(value.length);
    return value.map((item: unknown, index) => (index === at ? replaced(item, by, pick) : item));
  }
  if (isObject(value) && Object.keys(value).length > 0 && goesDeeper) {
    const name = Object.keys(value)[pick(Object.keys(value).length)] ?? "";
    return { ...value, [name]: replaced(value[name], by, pick) };
  }
  return by;
};

const inBody =
  (by: unknown): Mutation =>
  (request, pick) => {
    if (request.body === undefined) return { ...request, body: by };
    return { ...request, body: replaced(request.body, by, pick) };
  };

const withField =
  (name: string, value: unknown): Mutation =>
  (request) => ({ ...request, body: { ...(isObject(request.body) ? request.body : {}), [name]: value } });

const withoutField: Mutation = (request, pick) => {
  if (!isObject(request.body)) return request;
  const names = Object.keys(request.body);
  const gone = names[pick(Math.max(1, names.length))];
  return { ...request, body: Object.fromEntries(Object.entries(request.body).filter(([name]) => name !== gone)) };
};

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 6_000);

/** Percent-encodes what would otherwise be no text at all. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

const inQuery =
  (name: string, value: unknown): Mutation =>
  (request, pick) => {
    const [path = "", search = ""] = request.path.split("?");
    const parameters = [...new URLSearchParams(search).keys()];
    const chosen = pick(2) === 0 ? (parameters[pick(Math.max(1, parameters.length))] ?? name) : name;
    const left = search === "" ? "" : `${search}&`;
    return { ...request, path: `${path}?${left}${encoded(chosen)}=${encoded(asText(value))}` };
  };

const inPath =
  (value: unknown): Mutation =>
  (request, pick) => {
    const [path = "", ...search] = request.path.split("?");
    const parts = path.split("/");
    const at = 1 + pick(Math.max(1, parts.length - 1));
    const changed = parts.map((part, index) => (index === at ? encoded(asText(value)) : part)).join("/");
    return { ...request, path: [changed, ...search].join("?") };
  };

const withHeader =
  (name: string, value: string): Mutation =>
  (request) => ({
    ...request,
    headers: { ...request.headers, [name]: value },
  });
const withMethod =
  (method: string): Mutation =>
  (request) => ({ ...request, method });

const fieldName = fc.constantFrom(
  "space",
  "spaces",
  "id",
  "cursor",
  "limit",
  "organisation",
  "principal",
  "owner",
  "role",
  "scopes",
  "all",
  "key",
  "tags",
  "after",
  "now",
  "time_zone",
  "as_of",
  "session_id",
  "metadata",
  "__proto__",
  "administrator",
  "identity",
);
const headerName = fc.constantFrom(
  "cairn-organisation",
  "idempotency-key",
  "content-type",
  "accept",
  "origin",
  "host",
  "x-forwarded-for",
  "traceparent",
  "x-request-id",
  "cookie",
  "range",
  "if-match",
  "expect",
  "content-encoding",
  "sec-fetch-site",
);
const headerValue = fc.oneof(
  fc.constantFrom(
    "",
    "*",
    "text/plain",
    "application/json; charset=utf-16",
    "gzip",
    "null",
    "127.0.0.1, 10.0.0.1",
    "bytes=0-",
    "a=b; c",
  ),
  fc.string({ unit: fc.constantFrom(..."abcXYZ019-_.:;,/=%\"' "), maxLength: 300 }),
);

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 6, arbitrary: oddValue.map(inBody) },
  { weight: 3, arbitrary: fc.tuple(fieldName, oddValue).map(([name, value]) => withField(name, value)) },
  { weight: 1, arbitrary: fc.constant(withoutField) },
  { weight: 4, arbitrary: fc.tuple(fieldName, oddValue).map(([name, value]) => inQuery(name, value)) },
  { weight: 3, arbitrary: oddValue.map(inPath) },
  { weight: 2, arbitrary: fc.tuple(headerName, headerValue).map(([name, value]) => withHeader(name, value)) },
  { weight: 1, arbitrary: fc.constantFrom("PUT", "PATCH", "DELETE", "POST", "GET", "HEAD", "OPTIONS").map(withMethod) },
);
