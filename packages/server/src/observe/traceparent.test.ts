import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTraceParent } from "./traceparent.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });

describe("the traceparent header", () => {
  test("OPS-4 what a tracer writes is read back as it was written", () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
        fc.pre(!/^0+$/u.test(traceId) && !/^0+$/u.test(spanId));
        expect(parseTraceParent(`00-${traceId}-${spanId}-${sampled ? "01" : "00"}`)).toEqual({
          traceId,
          spanId,
          sampled,
        });
      }),
    );
  });

  test("anything else begins a trace of its own, and never throws", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (given) => {
        expect(parseTraceParent(given)).toBeNull();
      }),
    );
  });

  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const span = "00f067aa0ba902b7";
  test.each([
    [`00-${id}-${span}-01-more`, "version 00 has four fields"],
    [`ff-${id}-${span}-01`, "version ff is none"],
    [`00-${"0".repeat(32)}-${span}-01`, "a trace of zeros is none"],
    [`00-${id}-${"0".repeat(16)}-01`, "a span of zeros is none"],
    [`00-${id.toUpperCase()}-${span}-01`, "digits are small"],
  ])("OPS-4 %s is refused: %s", (header) => {
    expect(parseTraceParent(header)).toBeNull();
  });

  test("OPS-4 a later version is read by what this one knows of it", () => {
    expect(parseTraceParent(`01-${id}-${span}-01-later`)).toEqual({ traceId: id, spanId: span, sampled: true });
    expect(parseTraceParent(["a", "b"])).toBeNull();
  });
});
