/**
 * Blocks of network addresses in CIDR notation (RFC 4632, RFC 4291 §2.3), IPv4 and IPv6. An IPv4 address that comes in
 * IPv6's clothes (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) is the IPv4 address, in addresses as in blocks.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";

const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/u;
/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%zone`, and some room. */
const longest = 100;

const dotted = (high: string, low: string): string => {
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join(".");
};

/** The address in the one way that we write it; null where it is none. A zone (`%eth0`) is left out. */
export const plainAddress = (given: string): string | null => {
  if (given.length > longest) return null;
  if (isIPv4(given)) return given;
  if (!isIPv6(given)) return null;
  const host = URL.parse(`http://[${given.replace(/%.*$/u, "")}]`)?.hostname;
  if (host === undefined) return null;
  const [, high, low] = mapped.exec(host) ?? [];
  return high === undefined || low === undefined ? host.slice(1, -1) : dotted(high, low);
};

interface Block {
  readonly address: string;
  readonly bits: number;
}

const bitsOf = (address: string): number => (isIPv4(address) ? 32 : 128);

const blockOf = (given: string): Block | null => {
  const [, text = "", length] = /^([^/]{1,100})(?:\/(\d{1,3}))?$/u.exec(given) ?? [];
  const address = text.includes("%") ? null : plainAddress(text);
  if (address === null) return null;
  // Of a mapped block the first 96 bits are the clothes.
  const clothes = isIPv4(address) && !isIPv4(text) ? 96 : 0;
  const bits = length === undefined ? bitsOf(address) : Number(length) - clothes;
  return bits >= 0 && bits <= bitsOf(address) ? { address, bits } : null;
};

/** A block as we write it, `10.0.0.0/8`; a lone address is a block of one. Null where it is none. */
export const plainBlock = (given: string): string | null => {
  const block = blockOf(given);
  return block === null ? null : `${block.address}/${block.bits}`;
};

/** Whether an address lies in one of the blocks. What is no block holds nothing, and what is no address lies in none. */
export const makeAddressBlocks = (blocks: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList();
  for (const block of blocks.map(blockOf)) {
    if (block !== null) list.addSubnet(block.address, block.bits, isIPv4(block.address) ? "ipv4" : "ipv6");
  }
  return (given) => {
    const address = plainAddress(given);
    return address !== null && list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
  };
};
