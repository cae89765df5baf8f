import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeClientAddress } from "./client-address.ts";

const addressOf = makeClientAddress(["10.0.0.0/8", "::1", "2001:db8:ffff::/48"]);

describe("the address of a caller", () => {
  test.each([
    // Nobody in between, and what the client says of itself is not believed.
    ["192.0.2.1", null, "192.0.2.1"],
    ["192.0.2.1", "198.51.100.7", "192.0.2.1"],
    ["::ffff:192.0.2.1", null, "192.0.2.1"],
    ["2001:DB8:0::5", null, "2001:db8::5"],
    // One proxy, several, and a client that writes into the header itself.
    ["10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["10.0.0.1", "192.0.2.1, 10.9.9.9", "192.0.2.1"],
    ["10.0.0.1", "198.51.100.7, 192.0.2.1 ,10.9.9.9", "192.0.2.1"],
    ["10.0.0.1", "10.6.6.6, 192.0.2.1", "192.0.2.1"],
    ["2001:db8:ffff::1", "2001:db8::5", "2001:db8::5"],
    ["::1", "::ffff:192.0.2.1", "192.0.2.1"],
    // With ports, as some write them.
    ["10.0.0.1", "192.0.2.1:4711", "192.0.2.1"],
    ["10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"],
    // Nothing that could be used: the last proxy that is trusted.
    ["10.0.0.1", null, "10.0.0.1"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", "unknown", "10.0.0.1"],
    ["10.0.0.1", "192.0.2.1, unknown, 10.9.9.9", "10.9.9.9"],
    ["10.0.0.1", "192.0.2.1,", "10.0.0.1"],
    ["10.0.0.1", "192.0.2.1, 999.0.0.1", "10.0.0.1"],
    ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    // No address at all.
    [undefined, "192.0.2.1", null],
    ["", "192.0.2.1", null],
  ])("TEN-4 TEN-8 with peer %s and X-Forwarded-For %j is %s", (peer, forwarded, expected) => {
    expect(addressOf(peer, forwarded)).toBe(expected);
  });

  test("TEN-4 is the peer's where no proxy is trusted", () => {
    expect(makeClientAddress([])("10.0.0.1", "192.0.2.1")).toBe("10.0.0.1");
  });

  test("TEN-4 whatever a client writes in front changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (forged) => {
        expect(addressOf("10.0.0.1", `${forged}, 192.0.2.1, 10.2.2.2`)).toBe("192.0.2.1");
      }),
    );
  });

  test("TEN-4 a header of any length costs the same", () => {
    const long = Array.from({ length: 200_000 }, () => "10.0.0.9").join(",");
    expect(addressOf("10.0.0.1", `192.0.2.1,${long}`)).toBe("10.0.0.9");
  });

  test.each(["10.0.0.0/33", "proxy.example", "", "*"])(
    "refuses the trusted proxy %j when the server starts",
    (proxy) => {
      expect(() => makeClientAddress(["10.0.0.0/8", proxy])).toThrow(
        expect.objectContaining({ code: "config.invalid" }),
      );
    },
  );
});
