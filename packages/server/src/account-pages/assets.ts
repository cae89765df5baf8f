/**
 * The style sheet and modules of the account pages, as they lie in `browser/`: read when first asked for, then served
 * from memory, compressed. A browser asks each time whether they have changed (ETag, RFC 9110 §8.8.3), so that servers
 * of two versions side by side never mix for long.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { answerHeaders, type Page, type RequestContext } from "../rest/app.ts";
import { assetPath, styles } from "./markup/layout.ts";
import { securityPolicy } from "./security-policy.ts";

/** In the source tree beside this file; beside the bundle in the published package. */
const folder = new URL(
  new URL(import.meta.url).pathname.endsWith(".ts") ? "./browser/" : "./account-assets/",
  import.meta.url,
);

const modules = [
  "account",
  "call",
  "confirm",
  "copy",
  "device-name",
  "dom",
  "forgot-password",
  "form",
  "invitations",
  "join",
  "keys",
  "key-list",
  "memberships",
  "organisation",
  "own-address",
  "own-organisations",
  "qr",
  "qr-codewords",
  "qr-picture",
  "qr-tables",
  "reset-password",
  "second-factor",
  "sessions",
  "sign-in",
  "sign-up",
  "start",
] as const;

const files: readonly (readonly [name: string, type: string])[] = [
  ...styles.map((name) => [name, "text/css; charset=utf-8"] as const),
  ...modules.map((name) => [`${name}.js`, "text/javascript; charset=utf-8"] as const),
];

interface Asset {
  readonly plain: Buffer;
  readonly compressed: Buffer;
  readonly tag: string;
}

const load = async (name: string): Promise<Asset> => {
  const plain = await readFile(new URL(name, folder));
  const tag = `W/"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { plain, compressed: await promisify(gzip)(plain), tag };
};

const acceptsGzip = (header: string | undefined): boolean =>
  (header ?? "").split(",").some((part) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/iu.test(part));

const answer = (context: RequestContext, type: string, { plain, compressed, tag }: Asset): Response => {
  const { "accept-encoding": accepted, "if-none-match": known } = context.env.incoming.headers;
  const headers = {
    "Content-Security-Policy": securityPolicy,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
    ETag: tag,
    Vary: "Accept-Encoding",
  };
  if (known?.split(",").some((one) => one.trim() === tag) === true) {
    return new Response(null, { status: 304, headers: answerHeaders(context, headers) });
  }
  const zipped = acceptsGzip(accepted);
  return new Response(new Uint8Array(zipped ? compressed : plain), {
    headers: answerHeaders(context, {
      ...headers,
      "Content-Type": type,
      ...(zipped ? { "Content-Encoding": "gzip" } : {}),
    }),
  });
};

const assets = new Map<string, Promise<Asset>>();

/** A failure is answered once and tried again at the next request. */
const assetOf = (name: string): Promise<Asset> => {
  const known = assets.get(name);
  if (known !== undefined) return known;
  const loading = load(name);
  assets.set(name, loading);
  loading.catch(() => assets.delete(name));
  return loading;
};

/** The modules that a module needs, itself among them, so that a page can ask for all of them at once. */
export const modulesOf = async (module: string): Promise<readonly string[]> => {
  const found = new Set([`${module}.js`]);
  for (const name of found) {
    const { plain } = await assetOf(name);
    for (const [, imported = ""] of plain.toString().matchAll(/^import .*from "\.\/([a-z-]+\.js)";$/gmu))
      found.add(imported);
  }
  return [...found];
};

export const assetPages = (): readonly Page[] =>
  files.map(([name, type]) => ({
    path: `${assetPath}${name}`,
    answer: async (context) => answer(context, type, await assetOf(name)),
  }));
