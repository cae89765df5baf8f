import { expect, test } from "vitest";
import { isJsonMediaType, requireJson } from "./content-type.ts";

test.each([
  "application/json",
  "application/json; charset=utf-8",
  "APPLICATION/JSON;charset=UTF-8",
  "application/merge-patch+json",
  'application/json; charset="utf-8"',
])("API-3: %s is JSON", (type) => {
  expect(isJsonMediaType(type)).toBe(true);
});

test.each([
  undefined,
  "",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/jsonp",
  "application/json; charset=utf-16",
  "text/plain; application/json",
])("API-3: %s, which a form of any site could send or we cannot read, is refused and says what to send", (type) => {
  expect(isJsonMediaType(type)).toBe(false);
  expect(() => requireJson(type, undefined)).toThrow(
    expect.objectContaining({
      code: "request.unsupported_media_type",
      data: { hint: expect.stringContaining("Content-Type: application/json") },
    }),
  );
});

test("compressed bodies are refused: a small one could become a huge one", () => {
  expect(() => requireJson("application/json", "gzip")).toThrow(/not compressed/u);
  expect(() => requireJson("application/json", "identity")).not.toThrow();
});
