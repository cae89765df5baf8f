/**
 * `/docs`: the API reference as a page that loads nothing from elsewhere, so that it works without a network and tells
 * nobody that it was opened. Its few files are read once, compressed, and served from memory.
 */
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { answerHeaders, type Page, type RequestContext } from "./app.ts";

/** Beside the bundle as in the source tree above `rest/`. */
const folder = new URL(
  new URL(import.meta.url).pathname.endsWith(".ts") ? "../docs-assets/" : "./docs-assets/",
  import.meta.url,
);

const files = {
  "/docs": ["index.html", "text/html; charset=utf-8"],
  "/docs/swagger-ui.css": ["swagger-ui.css", "text/css; charset=utf-8"],
  "/docs/swagger-ui-bundle.js": ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
  "/docs/init.js": ["init.js", "text/javascript; charset=utf-8"],
} as const;

/** The library sets styles on elements, and its style sheet holds small images as data. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface Asset {
  readonly plain: Buffer;
  readonly compressed: Buffer;
}

const load = async (name: string): Promise<Asset> => {
  const plain = await readFile(new URL(name, folder));
  return { plain, compressed: await promisify(gzip)(plain) };
};

const acceptsGzip = (header: string | undefined): boolean =>
  (header ?? "").split(",").some((part) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/iu.test(part));

export const docsPages = (): readonly Page[] => {
  const loaded = new Map<string, Promise<Asset>>();
  const asset = (name: string): Promise<Asset> => {
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const loading = load(name);
    loaded.set(name, loading);
    // A failure is answered once and tried again at the next request.
    loading.catch(() => loaded.delete(name));
    return loading;
  };
  return Object.entries(files).map(([path, [name, type]]) => ({
    path,
    answer: async (context: RequestContext): Promise<Response> => {
      const { plain, compressed } = await asset(name);
      const zipped = acceptsGzip(context.env.incoming.headers["accept-encoding"]);
      const headers = answerHeaders(context, {
        "Content-Type": type,
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        Vary: "Accept-Encoding",
        ...(zipped ? { "Content-Encoding": "gzip" } : {}),
      });
      return new Response(new Uint8Array(zipped ? compressed : plain), { headers });
    },
  }));
};
