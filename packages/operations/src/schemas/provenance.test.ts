import { sourceTypes, trustLevels } from "@cairn/memory/memory/memory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trustOf, weakest } from "./provenance.ts";

const none = { sourceUri: null } as const;

describe("trust", () => {
  test.each([
    [{ ...none, sourceType: "user_explicit" }, "person"],
    [{ ...none, sourceType: "correction" }, "person"],
    [{ ...none, sourceType: "auto_capture" }, "agent"],
    [{ ...none, sourceType: "cross_instance" }, "agent"],
    [{ ...none, sourceType: "legacy" }, "agent"],
    [{ ...none, sourceType: "unknown" }, "agent"],
    [{ sourceType: "auto_capture", sourceUri: "https://example.org/page" }, "web"],
    [{ sourceType: "user_explicit", sourceUri: "HTTP://example.org" }, "web"],
    [{ sourceType: "user_explicit", sourceUri: "file:///notes.md" }, "document"],
    [{ sourceType: "user_explicit", sourceUri: "slack:channel/1" }, "person"],
  ] as const)("MEM-11 of %j is %s", (source, expected) => {
    expect(trustOf(source)).toBe(expected);
  });

  test("MEM-11 can be lowered by a client, never raised", () => {
    const sources = fc.record({
      sourceType: fc.constantFrom(...sourceTypes),
      sourceUri: fc.constantFrom(null, "https://x.org", "file:///x"),
    });
    fc.assert(
      fc.property(sources, fc.constantFrom(...trustLevels), (source, asked) => {
        const earned = trustLevels.indexOf(trustOf(source));
        const given = trustLevels.indexOf(trustOf({ ...source, asked }));
        expect(given).toBe(Math.max(earned, trustLevels.indexOf(asked)));
      }),
    );
  });

  test("of several origins is that of the least believed", () => {
    expect(weakest()).toBe("person");
    expect(weakest("agent", null, "web", undefined, "document")).toBe("web");
  });
});
