import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeBundleScanner } from "./bundle-scanner.ts";

const scan = (chunks: readonly string[]) => {
  const scanner = makeBundleScanner();
  return { parts: chunks.flatMap((chunk) => scanner.push(chunk)), complete: scanner.complete() };
};

const entriesOf = (chunks: readonly string[]): readonly unknown[] =>
  scan(chunks).parts.flatMap((part) => (part.kind === "entry" ? [JSON.parse(part.text ?? "null")] : []));

/** Cuts a text anywhere. */
const cut = (text: string, places: readonly number[]): readonly string[] => {
  const at = [...new Set(places.map((place) => Math.floor(place * text.length)))].toSorted((one, other) => one - other);
  return [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length));
};

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

describe("API-7: a TribalMemory bundle is read as a stream", () => {
  test("any entries come out as they went in, wherever the text is cut and however it is laid out", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
        places,
        fc.constantFrom(undefined, 2),
        fc.boolean(),
        (entries, manifest, at, indent, wrapped) => {
          const bundle = { manifest, extra: { entries: [1], manifest: {} }, entries };
          const text = JSON.stringify(wrapped ? { success: true, bundle, error: null } : bundle, null, indent);
          const chunks = cut(text, at);
          expect(entriesOf(chunks)).toEqual(JSON.parse(JSON.stringify(entries)));
          const { parts, complete } = scan(chunks);
          const manifests = parts.filter((part) => part.kind === "manifest");
          expect(manifests.map(({ text: found }) => JSON.parse(found ?? ""))).toEqual([
            JSON.parse(JSON.stringify(manifest)),
          ]);
          expect(complete).toBe(true);
        },
      ),
    );
  });

  test("entries that only look like the bundle's are not taken", () => {
    const text = JSON.stringify({
      other: { entries: [{ id: 1 }] },
      bundles: [{ entries: [{ id: 2 }] }],
      entries: [{ id: 3 }],
    });
    expect(entriesOf([text])).toEqual([{ id: 3 }]);
  });

  test("a bundle that is cut off is not complete", () => {
    const text = JSON.stringify({ manifest: {}, entries: [{ id: "a" }, { id: "b" }] });
    const { parts, complete } = scan([text.slice(0, -4)]);
    expect(complete).toBe(false);
    expect(parts.filter(({ kind }) => kind === "entry")).toHaveLength(1);
  });

  test("an endless entry is dropped, and the next one is read", () => {
    const long = `{"content":"${"x".repeat(5_000_000)}"}`;
    const { parts } = scan([`{"manifest":{},"entries":[${long},`, '{"id":"b"}]}']);
    expect(parts.map((part) => (part.kind === "entry" ? part.text : "manifest"))).toEqual([
      "manifest",
      null,
      '{"id":"b"}',
    ]);
  });
});
