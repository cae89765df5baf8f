import { describe, expect, test } from "vitest";
import { addressKind } from "./safe-fetch-address.ts";

describe("an address that a stranger named", () => {
  test.each(["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "172.32.0.1", "100.128.0.1"])(
    "TEN-3 %s is public",
    (address) => expect(addressKind(address)).toBe("public"),
  );

  test.each(["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"])(
    "TEN-3 %s is of a network of one's own",
    (address) => expect(addressKind(address)).toBe("own"),
  );

  test.each(["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"])(
    "TEN-3 %s is this machine",
    (address) => expect(addressKind(address)).toBe("loopback"),
  );

  test.each([
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "192.0.2.1",
    "2001:db8::1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "::7f00:1",
    "localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "",
  ])("TEN-3 %j is never asked", (address) => expect(addressKind(address)).toBe("never"));
});
