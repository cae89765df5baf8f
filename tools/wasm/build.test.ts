import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { assemble, moduleText, scanModule, scanSource } from "./build.ts";

const hasAssembler = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve("wabt");
    return true;
  } catch {
    return false;
  }
})();

test("ENG-1 the committed WebAssembly of the scan is what its source gives", async ({ skip }) => {
  if (!hasAssembler) {
    console.warn(
      "Not checked: scan-wasm.ts against scan.wat, because the development dependency wabt is not installed.",
    );
    skip("wabt is not installed");
  }
  const committed = readFileSync(scanModule, "utf8");
  expect(committed).toBe(moduleText(await assemble(scanSource)));
});
