/** What a name of the lexicon is looked up by: names may be longer than an index takes. 128 bits of SHA-256, as a uuid. */
import { hash } from "node:crypto";

export const nameHash = (name: string): string => {
  const hex = hash("sha256", name, "hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};

/** Names with their numbers; `$2` are their hashes. One look-up each, however large the planner takes a space for. */
export const namesByHash = `SELECT n.name, n.id FROM unnest($2::uuid[]) AS wanted (hash)
  CROSS JOIN LATERAL (SELECT name, id FROM names WHERE space = $1 AND hash = wanted.hash LIMIT 1) n`;
