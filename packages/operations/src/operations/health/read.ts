import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";

export const readHealth = defineOperation({
  name: "health.read",
  summary: "Ask whether all is well",
  description: "Whether the default space can be read, and how many memories it has.",
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
    } catch {
      return { status: "degraded" as const, instanceId, memoryCount: 0, version };
    }
  },
});
