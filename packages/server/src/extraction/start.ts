/** Extraction as the settings want it: nothing where they name no model. */
import { join } from "node:path";
import type { Services } from "@cairn/operations/context";
import { openLeases } from "../jobs/lease.ts";
import type { Settings } from "../settings.ts";
import { makeChatModel } from "./chat-client.ts";
import { type ExtractionJob, type ExtractionJobOptions, startExtractionJob } from "./job.ts";

/** Null without a model in the settings. Throws config.invalid for an address that is none. */
export const startExtraction = (
  services: Services,
  { extraction, data }: Pick<Settings, "extraction" | "data">,
  options: ExtractionJobOptions = {},
): ExtractionJob | null =>
  extraction === null
    ? null
    : startExtractionJob(services, makeChatModel(extraction), { lease: openLeases(join(data, "leases")), ...options });
