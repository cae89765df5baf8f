import { isCairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";

export const readHealth = defineOperation({
  name: "health.read",
  summary: "Ask whether all is well",
  description:
    "Whether the default space can be read, and how many memories it has; 0 for callers who may not read it.",
  input: z.object({}),
  output: z.object({
    status: z.enum(["ok", "degraded"]),
    instanceId: z.string(),
    memoryCount: z.int(),
    version: z.string(),
  }),
  permission: "public",
  audit: "none",
  usage: noUsage,
  run: async (context) => {
    const { instance: instanceId, version } = context.settings;
    try {
      const { memories } = await context.engine.read(await context.space()).stats();
      return { status: "ok" as const, instanceId, memoryCount: memories, version };
    } catch (error) {
      // Who showed no credential, or reaches no default space, asks whether the server is there: it is.
      const isNotTheirs = isCairnError(error) && (error.code === "space.not_found" || error.code === "auth.required");
      const status = isNotTheirs ? ("ok" as const) : ("degraded" as const);
      return { status, instanceId, memoryCount: 0, version };
    }
  },
});
