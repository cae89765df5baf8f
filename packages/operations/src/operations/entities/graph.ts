import { z } from "zod";
import { unknownEntity } from "../../not-found.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { wholeOr } from "../../schemas/common.ts";
import { entityFields, entityName, showEntity } from "../../schemas/entity.ts";
import { inSpace } from "../../schemas/space.ts";

export const entityGraph = defineOperation({
  name: "entities.graph",
  summary: "See how an entity is related",
  description: "The entity, those within some hops of it, and the relations between them.",
  input: z.object({ name: entityName, hops: wholeOr("hops", 1, 5, 2), ...inSpace }),
  output: z.object({
    entities: z.array(
      z.object({ ...entityFields, hops: z.int().meta({ description: "Distance from the entity asked for." }) }),
    ),
    relationships: z.array(z.object({ source: z.string(), target: z.string(), type: z.string() })),
  }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const reader = context.engine.read(await context.space(input.space));
    const graph = await reader.entityGraph(input.name, input.hops);
    if (graph === null) throw unknownEntity();
    return {
      entities: graph.entities.map((node) => ({ ...showEntity(node), hops: node.hops })),
      relationships: graph.relationships.map(({ source, target, type }) => ({ source, target, type })),
    };
  },
});
