import { toRfc3339 } from "@cairn/kernel/clock";
import { z } from "zod";
import { unknownMemory } from "../../not-found.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { id } from "../../schemas/common.ts";
import { changeKind } from "../../schemas/change-kind.ts";
import { shownInstant } from "../../schemas/instant.ts";
import type { Quarantine } from "@cairn/memory/memory/memory";
import { memory, showMemory, showQuarantine, timeFields } from "../../schemas/memory.ts";
import { inSpace } from "../../schemas/space.ts";

const version = z.object({
  version: z.int(),
  kind: changeKind,
  at: shownInstant("When it changed."),
  by: z.string().meta({ description: "Who changed it." }),
  agent: z.string().meta({ description: "Through which agent." }),
  diff: z
    .record(z.string(), z.object({ from: z.unknown(), to: z.unknown() }))
    .meta({ description: "What changed, by field." }),
  memory,
});

const shown = (field: string, value: unknown): unknown =>
  field === "quarantined" && typeof value === "object"
    ? showQuarantine(value as Quarantine | null)
    : timeFields.has(field) && typeof value === "number"
      ? toRfc3339(value)
      : value;

export const memoryHistory = defineOperation({
  name: "memories.history",
  summary: "Read a memory's history",
  description: "Every version of a memory, oldest first: who, through which agent, when, and what changed.",
  input: z.object({ id: id(), ...inSpace }),
  output: z.object({ id: z.string(), versions: z.array(version) }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const versions = await context.engine.read(await context.space(input.space)).history(input.id);
    if (versions.length === 0) throw unknownMemory();
    return {
      id: input.id,
      versions: versions.map((one) => ({
        version: one.version,
        kind: one.kind,
        at: toRfc3339(one.at),
        by: one.by,
        agent: one.agent,
        diff: Object.fromEntries(
          Object.entries(one.diff).map(([field, { from, to }]) => [
            field,
            { from: shown(field, from), to: shown(field, to) },
          ]),
        ),
        memory: showMemory(one.memory),
      })),
    };
  },
});
