/**
 * Requests made of samples: with the caller's own ids, with another tenant's in one place or in all, and with ids of the
 * same shape that nobody has; and answers without what differs from one to the next anyway, so that two can be compared.
 */
import { randomBytes, randomInt } from "node:crypto";
import type { HttpAnswer, HttpRequest } from "@cairn/testing/tenants/http-call";
import type { IdKind, MarkedTenant } from "@cairn/testing/tenants/marked-tenants";
import { foreignKinds, namesNothing, type Sample } from "./samples.fixture.ts";

/** What a request was made of. */
export interface Made {
  readonly request: HttpRequest;
  /** Ids that are not the caller's. */
  readonly tried: readonly string[];
  readonly fresh: readonly string[];
}

/** One thing to try: in which place of the sample whose id of which kind. */
export interface Attempt {
  readonly route: string;
  readonly sample: Sample;
  /** The place, counted as the sample asks for ids; null: all of them. */
  readonly place: number | null;
  /** What is put there; null: of each place's own kind. */
  readonly kind: IdKind | null;
  /** Which one of the kind. */
  readonly variant: number;
  /** In a header besides, or instead of a place. */
  readonly header?: "cairn-organisation" | "idempotency-key";
}

const letters = (count: number): string =>
  Array.from({ length: count }, () => String.fromCharCode(97 + randomInt(26))).join("");

export const freshWord = (): string => `new${letters(12)}`;

const randomOf = (alphabet: string, text: string): string =>
  text.replace(/./gu, () => alphabet[randomInt(alphabet.length)] ?? "");

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/giu;
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Of the same shape, and nobody's. */
export const absentLike = (value: string): string => {
  const changed = value
    .replace(/zq[a-z]{10}qz/gu, () => `zq${letters(10)}qz`)
    .replace(
      uuid,
      (id) =>
        `${id.slice(0, 14)}7${randomBytes(2).toString("hex").slice(1)}-${id.slice(19, 24)}${randomBytes(6).toString("hex")}`,
    )
    .replace(/(?<![0-9A-Za-z])[0-9A-Za-z]{20}(?![0-9A-Za-z])/gu, (id) => randomOf(base62, id))
    .replace(/[0-9a-f]{64}/gu, () => randomBytes(32).toString("hex"));
  return changed === value ? randomOf(base62, value) : changed;
};

interface Place {
  readonly kind: IdKind;
}

/** The places of a sample in the order in which it asks. */
export const placesOf = ({ call }: Sample): readonly Place[] => {
  const places: Place[] = [];
  call({
    use: (kind) => {
      places.push({ kind });
      return "x";
    },
    fresh: freshWord,
  });
  return places;
};

const requestOf = (route: string, sample: Sample, use: (kind: IdKind) => string, headers: HttpRequest["headers"]) => {
  const fresh: string[] = [];
  const {
    path = {},
    query = {},
    body,
  } = sample.call({
    use,
    fresh: () => {
      const word = freshWord();
      fresh.push(word);
      return word;
    },
  });
  const [method = "", pattern = ""] = route.split(" ");
  const filled = pattern.replace(/\{([a-z_]+)\}/gu, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  const request = {
    method,
    path: search === "" ? filled : `${filled}?${search}`,
    ...(body === undefined ? {} : { body }),
    headers: headers ?? {},
  };
  return { request, fresh };
};

export const ownRequest = (route: string, sample: Sample, tenant: MarkedTenant, credential: string): HttpRequest =>
  requestOf(route, sample, (kind) => tenant.ids[kind][0] ?? "", { authorization: `Bearer ${credential}` }).request;

/** Kinds and variants that are tried in a place. */
const triedIn = (kind: IdKind, victim: MarkedTenant): readonly (readonly [IdKind, number])[] =>
  (foreignKinds[kind] ?? [kind]).flatMap((one) => victim.ids[one].map((_, variant) => [one, variant] as const));

/** All that is tried at a route. `example`: any tenant; all have the same kinds of ids. */
export const attemptsAt = (route: string, sample: Sample, example: MarkedTenant): readonly Attempt[] => {
  const places = placesOf(sample);
  const one = { route, sample };
  const inPlaces = places.flatMap(({ kind }, place) =>
    triedIn(kind, example).map(([tried, variant]) => ({ ...one, place, kind: tried, variant })),
  );
  const inAll = places.length < 2 ? [] : [{ ...one, place: null, kind: null, variant: 0 }];
  const none = { ...one, place: -1, kind: null };
  const inHeaders: Attempt[] = [0, 1].map((variant) => ({ ...none, variant, header: "cairn-organisation" as const }));
  if (!/^(?:GET|DELETE) /u.test(route) && sample.last !== true && sample.as === undefined)
    inHeaders.push({ ...none, variant: 0, header: "idempotency-key" });
  return [...inPlaces, ...inAll, ...inHeaders];
};

/** Any kind of id in any place. */
export const anyAttempt = (routes: readonly (readonly [string, Sample])[], kinds: readonly IdKind[]): Attempt => {
  const [route, sample] = routes[randomInt(routes.length)]!;
  const places = placesOf(sample);
  return {
    route,
    sample,
    place: places.length === 0 ? -1 : randomInt(places.length),
    kind: kinds[randomInt(kinds.length)]!,
    variant: 0,
  };
};

/** The request with another's ids, or with ids of their shape that nobody has. */
export const makeAttempt = (
  { route, sample, place, kind, variant, header }: Attempt,
  attacker: MarkedTenant,
  victim: MarkedTenant,
  credential: string,
  change: (id: string) => string,
): Made => {
  const tried: string[] = [];
  const foreign = (of: IdKind): string => {
    const all = victim.ids[of];
    const value = change(all[variant % Math.max(1, all.length)] ?? "");
    tried.push(value);
    return value;
  };
  const headers: Record<string, string> = { authorization: `Bearer ${credential}` };
  if (header === "cairn-organisation") headers[header] = foreign("organisation");
  if (header === "idempotency-key") headers[header] = foreign("idempotencyKey");
  let at = 0;
  const use = (own: IdKind): string => {
    const here = at++;
    return place === null || here === place ? foreign(kind ?? own) : (attacker.ids[own][0] ?? "");
  };
  return { ...requestOf(route, sample, use, headers), tried };
};

/** Whether all that was put in names something, so that the answer must be the one to what nobody has. */
export const isComparable = ({ sample, place, kind }: Attempt): boolean => {
  const own = placesOf(sample).map((one) => one.kind);
  const put = place === null ? own : kind === null ? [] : [kind, ...(place < 0 ? [] : [own[place]!])];
  return put.every((one) => !namesNothing.has(one));
};

const ownHeaders: ReadonlySet<string> = new Set([
  "date",
  "x-request-id",
  "content-length",
  "connection",
  "keep-alive",
  "ratelimit",
  "ratelimit-remaining",
  "ratelimit-reset",
]);

const variantsOf = (value: string): readonly string[] => [
  ...new Set([value, value.toLowerCase(), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]),
];

const without = (text: string, words: readonly string[], sign: string): string =>
  words
    .flatMap(variantsOf)
    .filter((word) => word.length > 3)
    .toSorted((one, other) => other.length - one.length)
    .reduce((left, word) => left.replaceAll(word, sign), text);

/** The answer without what was sent, times, and ids that are made anew each time. */
export const comparable = ({ status, headers, text }: HttpAnswer, { tried, fresh }: Made): string => {
  const shown = Object.entries(headers)
    .filter(([name]) => !ownHeaders.has(name))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted();
  const body = without(without(text, tried, "‹id›"), fresh, "‹new›")
    .replace(uuid, "‹uuid›")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)/gu, "‹time›")
    .replace(/"([a-z_]*(?:_ms|bytes)|milliseconds|score|relevance)":-?[\d.e-]+/gu, '"$1":‹number›')
    .replace(/"(version|current_version|mentions)":\d+/gu, '"$1":‹number›')
    .replace(/\d+:[0-9a-f]{50,64}/gu, "‹head›")
    .replace(/cairn_live_\w+/gu, "‹key›")
    .replace(/"(id|key)":"[0-9A-Za-z]{20}"/gu, '"$1":"‹key id›"')
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/gu, "‹token›");
  return [`${status}`, ...shown, "", body].join("\n");
};
