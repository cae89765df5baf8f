/** Whose address it is, as far as anybody can tell: one IPv4 address, or the /64 that a network is given in IPv6. */
import { isIPv4, isIPv6 } from "node:net";

/** The eight groups of an IPv6 address, as the URL parser (WHATWG) writes it. */
const groupsOf = (address: string): readonly string[] => {
  const written = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail] = written.split("::");
  const groups = (part: string): readonly string[] => (part === "" ? [] : part.split(":"));
  if (tail === undefined) return groups(head);
  const [first, last] = [groups(head), groups(tail)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => "0"), ...last];
};

const embedded = (groups: readonly string[]): string | null => {
  const isMapped = groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff";
  if (!isMapped) return null;
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join(".");
};

/** `192.0.2.7`, `2001:db8:0:1::/64`; what is no address is one address together. */
export const addressBlock = (address: string): string => {
  const [bare = ""] = address.split("%");
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return "unknown";
  const groups = groupsOf(bare);
  return embedded(groups) ?? `${groups.slice(0, 4).join(":")}::/64`;
};
