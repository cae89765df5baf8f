/**
 * The network address that a request came from. A proxy in front of the server is the peer of every connection; where
 * the settings name it, what it says in X-Forwarded-For is believed. Each proxy writes whom it heard from at the end, so
 * the list is walked from its end, and only as long as whoever wrote the entry is trusted: what a client writes into the
 * header itself is never reached.
 */
import { makeAddressBlocks, plainAddress, plainBlock } from "@cairn/directory/keys/address-blocks";
import { CairnError } from "@cairn/kernel/error";

/** Proxies in a row; what lies further back is not looked at. */
const mostHops = 32;
/** Characters of the header that are read, from its end. */
const longest = 4_096;

/** `192.0.2.1:443` and `[2001:db8::1]:443`, as some proxies write them. */
const withoutPort = (entry: string): string =>
  /^\[([^\]]+)\](?::\d{1,5})?$/u.exec(entry)?.[1] ?? /^([\d.]+):\d{1,5}$/u.exec(entry)?.[1] ?? entry;

export type ClientAddress = (peer: string | null | undefined, forwardedFor: string | null | undefined) => string | null;

/** Throws config.invalid for a proxy that is neither an address nor a CIDR block. */
export const makeClientAddress = (trustedProxies: readonly string[]): ClientAddress => {
  const unfit = trustedProxies.find((given) => plainBlock(given) === null);
  if (unfit !== undefined) {
    throw new CairnError("config.invalid", "A trusted proxy is neither an IP address nor a CIDR block.", {
      hint: "Set CAIRN_TRUSTED_PROXIES to addresses or blocks such as 10.0.0.0/8,192.0.2.7.",
    });
  }
  const isTrusted = makeAddressBlocks(trustedProxies);
  return (peer, forwardedFor) => {
    let known = plainAddress(peer ?? "");
    if (known === null || trustedProxies.length === 0) return known;
    const tail = (forwardedFor ?? "").slice(-longest);
    const hops = tail === "" ? [] : tail.split(",").slice(-mostHops);
    for (const hop of hops.toReversed()) {
      if (!isTrusted(known)) return known;
      const next = plainAddress(withoutPort(hop.trim()));
      // Whoever wrote this is trusted and still says nothing that could be used.
      if (next === null) return known;
      known = next;
    }
    return known;
  };
};
