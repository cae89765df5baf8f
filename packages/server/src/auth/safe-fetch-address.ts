/**
 * Which network addresses may be asked for a stranger's document: those of the public internet. An organisation's
 * administrator names the address, so the server must not be talked into asking its own neighbours (server-side request
 * forgery). Ranges: the IANA special-purpose registries (RFC 6890 and its updates).
 */
import { BlockList, isIP } from "node:net";
import { plainAddress } from "@cairn/directory/keys/address-blocks";

const listOf = (blocks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = "", bits = ""] = block.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
};

const loopback = listOf(["127.0.0.0/8", "::1/128"]);

/** Networks of one's own, which a setting may allow. */
const ownNetworks = listOf(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]);

/** Nobody's keys are there: unspecified, link-local with the metadata of clouds, documentation, multicast, tunnels. */
const never = listOf([
  "0.0.0.0/8",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "fd00:ec2::/32",
]);
const unicast = listOf(["2000::/3"]);

export type AddressKind = "public" | "own" | "loopback" | "never";

/** `address`: an IP address; what is none is `never`. */
export const addressKind = (address: string): AddressKind => {
  // A zone (`%eth0`) is part of link-local addresses only.
  if (address.includes("%")) return "never";
  const plain = plainAddress(address);
  if (plain === null) return "never";
  const version = isIP(plain);
  const family = version === 6 ? "ipv6" : "ipv4";
  if (loopback.check(plain, family)) return "loopback";
  if (never.check(plain, family)) return "never";
  if (ownNetworks.check(plain, family)) return "own";
  return version === 4 || unicast.check(plain, family) ? "public" : "never";
};
