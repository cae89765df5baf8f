/** What a name of the lexicon is looked up by: names may be longer than an index takes. 128 bits of SHA-256, as a uuid. */
import { hash } from "node:crypto";

export const nameHash = (name: string): string => {
  const hex = hash("sha256", name, "hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};
