import { isCairnError } from "@cairn/kernel/error";
import { entityGraph } from "@cairn/operations/operations/entities/graph";
import { entityMemories } from "@cairn/operations/operations/entities/memories";
import { z } from "zod";
import { type McpTool, reads } from "../tool.ts";
import { tribalMemory } from "./recall.ts";
import { clampWhole, isBlank, text, type TribalAnswer, tribalTool } from "./tribal-tool.ts";

const noGraph = { entities: [], relationships: [] } as const;
const blankName = "Entity name cannot be empty";

export const tribalEntityTools: readonly McpTool[] = [
  tribalTool({
    name: "tribal_recall_entity",
    title: "Recall what names an entity",
    description: "Memories that name an entity, or one within some hops of it, the nearest first.",
    annotations: reads,
    parameters: z.object({
      entity_name: text.describe("Such as auth-service or PostgreSQL"),
      hops: z.number().default(1).describe("1 to 10"),
      limit: z.number().default(10).describe("1 to 50"),
    }),
    failed: ({ entity_name: entity, hops }) => ({ results: [], entity, hops, count: 0 }),
    answer: async (call, { entity_name: name, hops: asked, limit }): Promise<TribalAnswer> => {
      if (isBlank(name)) return { results: [], entity: name, hops: asked, count: 0, error: blankName };
      const hops = clampWhole(asked, 1, 10);
      const { results, count } = await call(entityMemories, { name, hops, limit: clampWhole(limit, 1, 50) });
      return { results: results.map(tribalMemory), entity: name, hops, count };
    },
  }),
  tribalTool({
    name: "tribal_entity_graph",
    title: "Entity relationships",
    description: "The entities around one and the relations between them.",
    annotations: reads,
    parameters: z.object({
      entity_name: text.describe("Such as auth-service or PostgreSQL"),
      hops: z.number().default(2).describe("1 to 5"),
    }),
    failed: () => noGraph,
    answer: async (call, { entity_name: name, hops }): Promise<TribalAnswer> => {
      if (isBlank(name)) return { ...noGraph, error: blankName };
      try {
        const { entities, relationships } = await call(entityGraph, { name, hops: clampWhole(hops, 1, 5) });
        return { entities: entities.map((entity) => ({ name: entity.name, type: entity.type })), relationships };
      } catch (error) {
        // An entity that nobody named has an empty graph.
        if (isCairnError(error) && error.code === "entity.not_found") return noGraph;
        throw error;
      }
    },
  }),
];
