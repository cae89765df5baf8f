import { expect, test } from "vitest";
import { addressBlock } from "./address.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::FFFF:c000:207", "192.0.2.7"],
  ["2001:db8:0:1:aaaa:bbbb:cccc:dddd", "2001:db8:0:1::/64"],
  ["2001:DB8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["somewhere", "unknown"],
  ["", "unknown"],
])("TEN-4 the address %s counts as %s", (address, block) => {
  expect(addressBlock(address)).toBe(block);
});
