/** What a call keeps busy, and what it costs: from its operation, and from the most that it can come to. */
import type { Expected, Operation } from "@cairn/operations/operation";
import type { Work } from "./turns.ts";

/** Read everything that a space has. */
const readsAll: ReadonlySet<string> = new Set(["memories.export", "memories.export_page"]);
const costOfAll = 250;
/** A few items are a write like any other. */
const fewItems = 10;

export const readingAll = [...readsAll];

export const workOf = (
  { name, audit }: Pick<Operation, "name" | "audit">,
  expected: Expected,
): { readonly work: Work; readonly cost: number } => {
  if (readsAll.has(name)) return { work: "heavy", cost: costOfAll };
  const items = Math.max(expected.memories ?? 0, expected.embeddings ?? 0);
  if (items > fewItems) return { work: "heavy", cost: items };
  return { work: audit === "read" || audit === "none" ? "light" : "medium", cost: 1 };
};
