/**
 * DNS rebinding: a page on the web can point its own name at 127.0.0.1 and then talk to this server as if to itself.
 * The browser still sends the page's name as Host, so only loopback names with our port, and names that the owner
 * listed, are answered (RFC 9110 §7.2).
 */
import type { IncomingHttpHeaders } from "node:http";
import { CairnError } from "@cairn/kernel/error";

const loopbackNames: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);
const hostPattern = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;

export interface HostRule {
  /** The port that this server listens on. */
  readonly port: number;
  /** Further `name` or `name:port` values of Host that are answered. */
  readonly allowedHosts: readonly string[];
}

/** Whether a Host header names this server. */
export const hostAllowed = (header: string | undefined, rule: HostRule): boolean => {
  const given = header?.trim().toLowerCase() ?? "";
  const match = hostPattern.exec(given);
  if (match === null) return false;
  const [, name = "", port] = match;
  if (rule.allowedHosts.some((allowed) => allowed.toLowerCase() === given || allowed.toLowerCase() === name))
    return true;
  return loopbackNames.has(name) && Number(port ?? 80) === rule.port;
};

/** What proxies add that hand on requests of others (RFC 7239 and what was usual before it). */
const ofProxies = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] as const;

/**
 * For servers that ask nobody who they are: a proxy on this machine reaches the loopback port, under whatever Host it
 * likes, for people who are elsewhere. Throws request.host_refused.
 */
export const requireDirect = (headers: IncomingHttpHeaders): void => {
  if (ofProxies.every((name) => headers[name] === undefined)) return;
  throw new CairnError("request.host_refused", "This came through a proxy, and nobody has to sign in here yet.", {
    hint: "Make an administrator with `cairn admin init`; from then on calls need a key or a sign-in.",
  });
};

/** Throws request.host_refused. */
export const requireHost = (header: string | undefined, rule: HostRule): void => {
  if (hostAllowed(header, rule)) return;
  throw new CairnError("request.host_refused", "The Host header does not name this server.", {
    hint: `Use http://127.0.0.1:${rule.port} or http://localhost:${rule.port}, or list the name as allowed_hosts.`,
  });
};
