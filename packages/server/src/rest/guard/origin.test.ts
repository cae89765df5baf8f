import { describe, expect, test } from "vitest";
import { type OriginHeaders, requireOrigin } from "./origin.ts";

const rule = { port: 18_790, allowedHosts: ["cairn.lan"] };
const headers = (given: Partial<OriginHeaders>): OriginHeaders => ({
  origin: undefined,
  site: undefined,
  mode: undefined,
  method: "POST",
  ...given,
});

describe("calls from browsers", () => {
  test.each([
    ["a program, which sends nothing", {}],
    ["our own page", { origin: "http://127.0.0.1:18790", site: "same-origin" }],
    ["our own page under a name the owner listed", { origin: "https://cairn.lan" }],
    ["an address typed by the user", { site: "none", mode: "navigate", method: "GET" }],
    ["a link to a page of ours", { site: "cross-site", mode: "navigate", method: "GET" }],
  ] as const)("API-3: %s is answered", (_, given) => {
    expect(() => requireOrigin(headers(given), rule)).not.toThrow();
  });

  test.each([
    ["a page of another site", { origin: "https://evil.example" }],
    ["a page of another port of this machine", { origin: "http://localhost:3000" }],
    ["a sandboxed frame", { origin: "null" }],
    ["an empty origin", { origin: "" }],
    ["a name that begins like ours", { origin: "http://127.0.0.1:18790.evil.example" }],
    ["a file", { origin: "file://" }],
    ["an image of another site", { site: "cross-site", mode: "no-cors", method: "GET" }],
    ["a form of another site", { site: "cross-site", mode: "navigate" }],
  ] as const)("API-3: %s is refused", (_, given) => {
    expect(() => requireOrigin(headers(given), rule)).toThrow(
      expect.objectContaining({ code: "request.origin_refused" }),
    );
  });
});
