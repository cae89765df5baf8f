import { expect, test } from "vitest";
import { CairnError } from "@cairn/kernel/error";
import { asFileFault } from "./file-fault.ts";

test.each([
  ["ENOSPC", "storage.full"],
  ["EDQUOT", "storage.full"],
  ["EROFS", "storage.read_only"],
  ["EACCES", "storage.read_only"],
])("EMB-2: %s while a model is written is %s, with what to do", (code, expected) => {
  const fault = asFileFault(Object.assign(new Error("no"), { code }));
  expect(fault).toMatchObject({ code: expected, data: { hint: expect.any(String) } });
});

test("EMB-2: what is not of the file system stays what it is", () => {
  const coded = new CairnError("model.invalid", "x");
  const other = Object.assign(new Error("no"), { code: "ECONNRESET" });
  expect(asFileFault(coded)).toBe(coded);
  expect(asFileFault(other)).toBe(other);
});
