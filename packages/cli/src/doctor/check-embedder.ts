/** Whether the built-in embedder's table is the one that was released. */
import { sharedStaticTable } from "@cairn/embed/static/table";
import { verifyStaticTable } from "@cairn/embed/static/verify-table";
import { type Finding, note, ok, problem } from "./finding.ts";

export const checkEmbedder = async (): Promise<Finding> => {
  try {
    const { modelId, dimensions } = sharedStaticTable();
    const what = `${modelId}, ${dimensions} dimensions, built in`;
    if (await verifyStaticTable()) return ok("embedder", `${what}; its data is as released`);
    return note("embedder", `${what}; there is no manifest to compare its data with`);
  } catch (error) {
    const message = error instanceof Error ? error.message : "The built-in embedder cannot be loaded.";
    return problem("embedder", message, "Install again: npm ci in a clone, npm install -g cairn-memory otherwise");
  }
};
