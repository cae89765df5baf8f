import { describe, expect, test } from "vitest";
import { hostAllowed, requireHost } from "./host.ts";

const rule = { port: 18_790, allowedHosts: ["cairn.lan", "box:9000"] };

describe("a Host header names this server", () => {
  const ours = [
    "127.0.0.1:18790",
    "localhost:18790",
    "LOCALHOST:18790",
    "[::1]:18790",
    "cairn.lan",
    "cairn.lan:1",
    "box:9000",
  ];
  test.each(ours)("API-3: %s does", (header) => {
    expect(hostAllowed(header, rule)).toBe(true);
  });

  const others = [
    undefined,
    "",
    "127.0.0.1",
    "localhost:18791",
    "evil.example:18790",
    "127.0.0.1.evil.example:18790",
    "127.0.0.1:18790@evil.example",
    "127.0.0.2:18790",
    "0.0.0.0:18790",
    "[::]:18790",
    "localhost.:18790",
    "localhost:018790x",
    "localhost:18790, evil.example",
    "box:9001",
    "cairn.lan.evil.example",
  ];
  test.each(others)("API-3: %s does not", (header) => {
    expect(hostAllowed(header, rule)).toBe(false);
    expect(() => requireHost(header, rule)).toThrow(expect.objectContaining({ code: "request.host_refused" }));
  });

  test("the port may be left out where it is the one of http", () => {
    expect(hostAllowed("localhost", { port: 80, allowedHosts: [] })).toBe(true);
  });
});
