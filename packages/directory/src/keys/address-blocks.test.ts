import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeAddressBlocks, plainAddress, plainBlock } from "./address-blocks.ts";

describe("addresses", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
    // Not mapped: another address altogether.
    ["::192.0.2.1", "::c000:201"],
  ])("%s is written %s", (given, plain) => {
    expect(plainAddress(given)).toBe(plain);
  });

  test.each([
    "",
    "localhost",
    "192.0.2",
    "192.0.2.256",
    "192.0.2.1:80",
    "[::1]",
    "1::2::3",
    "1".repeat(1_000),
    "010.0.0.1",
  ])("%j is none", (given) => {
    expect(plainAddress(given)).toBeNull();
  });
});

describe("blocks of addresses", () => {
  test.each([
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["192.0.2.1", "192.0.2.1/32"],
    ["2001:DB8::/32", "2001:db8::/32"],
    ["::1", "::1/128"],
    ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
  ])("%s is written %s", (given, plain) => {
    expect(plainBlock(given)).toBe(plain);
  });

  test.each([
    "",
    "/8",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "2001:db8::/129",
    "::ffff:10.0.0.0/8",
    "fe80::1%eth0/64",
    "any",
  ])("%j is none", (given) => {
    expect(plainBlock(given)).toBeNull();
    expect(makeAddressBlocks([given])("10.0.0.1")).toBe(false);
  });

  test("hold what lies in them, in whatever clothes it comes", () => {
    const holds = makeAddressBlocks(["10.1.2.3/8", "2001:db8::/32", "198.51.100.7/32"]);
    for (const inside of ["10.255.0.1", "::ffff:10.9.9.9", "::ffff:a09:909", "2001:db8:ffff::1", "198.51.100.7"]) {
      expect([inside, holds(inside)]).toEqual([inside, true]);
    }
    for (const outside of ["11.0.0.1", "::ffff:11.0.0.1", "2001:db9::1", "198.51.100.8", "::a01:203", "nonsense", ""]) {
      expect([outside, holds(outside)]).toEqual([outside, false]);
    }
  });

  test("of IPv4 hold no IPv6 and the other way round, however wide", () => {
    expect(makeAddressBlocks(["0.0.0.0/0"])("2001:db8::1")).toBe(false);
    expect(makeAddressBlocks(["2000::/3"])("192.0.2.1")).toBe(false);
    expect(makeAddressBlocks([])("192.0.2.1")).toBe(false);
  });

  test("agree with arithmetic", () => {
    const number = fc.nat({ max: 0xffffffff });
    const dotted = (value: number): string => [24, 16, 8, 0].map((by) => (value >>> by) & 255).join(".");
    fc.assert(
      fc.property(number, number, fc.nat({ max: 32 }), (block, address, bits) => {
        const width = 2 ** (32 - bits);
        const inside = Math.floor(block / width) === Math.floor(address / width);
        expect(makeAddressBlocks([`${dotted(block)}/${bits}`])(dotted(address))).toBe(inside);
      }),
    );
  });
});
