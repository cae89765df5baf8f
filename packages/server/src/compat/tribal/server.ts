/** TribalMemory's calls about the server itself. Errors of these never had a shape of their own. */
import { readHealth } from "@cairn/operations/operations/health/read";
import { readStats } from "@cairn/operations/operations/stats/read";
import { bind } from "../../rest/binding.ts";

export const tribalServer = [
  bind("GET /v1/health", readHealth, { section: "tribal" }),
  bind("GET /v1/stats", readStats, { section: "tribal" }),
] as const;
