/**
 * Cross-site calls: browsers name the page that makes a call in Origin (RFC 6454) and its relation to this server in
 * Sec-Fetch-Site. Programs send neither. Only our own pages are answered; another port of this machine is another
 * site's server as far as trust goes. No CORS header is ever sent, so a browser lets no other page read an answer.
 */
import { CairnError } from "@cairn/kernel/error";
import { hostAllowed, type HostRule } from "./host.ts";

export interface OriginHeaders {
  readonly origin: string | undefined;
  readonly site: string | undefined;
  readonly mode: string | undefined;
  readonly method: string;
}

const ownOrigin = (origin: string, rule: HostRule): boolean => {
  const match = /^https?:\/\/([^/]+)$/.exec(origin);
  return match !== null && hostAllowed(match[1], rule);
};

/** Following a link to a page of ours, such as /docs, is fine wherever the link was. */
const isNavigation = ({ mode, method }: OriginHeaders): boolean =>
  mode === "navigate" && (method === "GET" || method === "HEAD");

/** Throws request.origin_refused. */
export const requireOrigin = (headers: OriginHeaders, rule: HostRule): void => {
  const { origin, site } = headers;
  const originFits = origin === undefined || ownOrigin(origin.trim().toLowerCase(), rule);
  const siteFits = site === undefined || site === "same-origin" || site === "none" || isNavigation(headers);
  if (originFits && siteFits) return;
  throw new CairnError("request.origin_refused", "Calls from pages of other sites are not answered.", {
    hint: `Only pages of http://127.0.0.1:${rule.port} may call this server from a browser; programs send no Origin.`,
  });
};
