/** Every tool, Cairn's own first. */
import type { CallToolResult, ListToolsResult } from "@modelcontextprotocol/server";
import { readingTools } from "./native/reading.ts";
import { writingTools } from "./native/writing.ts";
import type { Call, McpTool, ToolArguments } from "./tool.ts";
import { tribalEntityTools } from "./tribal/entities.ts";
import { tribalMemoryTools } from "./tribal/memories.ts";
import { tribalRecallTools } from "./tribal/recall.ts";
import { tribalSessionTools } from "./tribal/sessions.ts";
import { tribalTransferTools } from "./tribal/transfer.ts";

export const tools: readonly McpTool[] = [
  ...readingTools,
  ...writingTools,
  ...tribalMemoryTools,
  ...tribalRecallTools,
  ...tribalSessionTools,
  ...tribalEntityTools,
  ...tribalTransferTools,
];

const byName: ReadonlyMap<string, McpTool> = new Map(tools.map((tool) => [tool.name, tool]));

export const listTools = (): ListToolsResult => ({
  tools: tools.map(({ name, title, description, annotations, inputSchema, outputSchema }) => ({
    name,
    title,
    description,
    annotations,
    inputSchema: { ...inputSchema(), type: "object" as const },
    ...(outputSchema === undefined ? {} : { outputSchema: { ...outputSchema(), type: "object" as const } }),
  })),
});

/** Null when there is no tool of that name. */
export const callTool = async (call: Call, name: string, args: ToolArguments): Promise<CallToolResult | null> =>
  (await byName.get(name)?.call(call, args)) ?? null;
