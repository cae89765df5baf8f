/**
 * Assembles the hand-written WebAssembly of the embedded engine: `node tools/wasm/build.ts` after a change of
 * `scan.wat`. The result is committed as text in a module, so that neither the product nor its bundle needs an
 * assembler or a file beside the code.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "..", "packages", "store", "src", "arena");
export const scanSource = join(folder, "scan.wat");
export const scanModule = join(folder, "scan-wasm.ts");

/** The binary of a module in text format. `wabt` is loaded here because only this step needs it. */
export const assemble = async (file: string): Promise<Uint8Array> => {
  const { default: loadWabt } = await import("wabt");
  const wabt = await loadWabt();
  // `threads` for the shared memory, `multi_memory` for the one beside it.
  const features = { simd: true, relaxed_simd: true, bulk_memory: true, threads: true, multi_memory: true };
  const parsed = wabt.parseWat(file, readFileSync(file, "utf8"), features);
  try {
    // Its types leave the argument out, without which a shared memory is refused.
    (parsed as unknown as { readonly validate: (enabled: typeof features) => void }).validate(features);
    return parsed.toBinary({ write_debug_names: false }).buffer;
  } finally {
    parsed.destroy();
  }
};

/** The text of `scan-wasm.ts`. */
export const moduleText = (binary: Uint8Array): string => `/** Made from scan.wat by tools/wasm/build.ts. */
export const scanWasmBase64 =
  "${Buffer.from(binary).toString("base64")}";
`;

if (import.meta.main) writeFileSync(scanModule, moduleText(await assemble(scanSource)));
