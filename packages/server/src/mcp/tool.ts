/** What a tool is to the MCP edge, and how its answers are made. */
import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/server";
import { toCairnError } from "@cairn/kernel/error";
import type { Operation } from "@cairn/operations/operation";
import type { z } from "zod";
import type { JsonSchema } from "../rest/json-schema.ts";

/** Calls an operation as this connection's caller. */
export type Call = <In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
  input: unknown,
) => Promise<z.output<Out>>;

export type ToolArguments = Readonly<Record<string, unknown>>;

export interface McpTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** Made when a client asks for the list. */
  readonly inputSchema: () => JsonSchema;
  readonly outputSchema?: () => JsonSchema;
  readonly call: (call: Call, args: ToolArguments) => Promise<CallToolResult>;
}

/** Nothing outside the user's own memory is touched by any tool. */
const closedWorld = { openWorldHint: false } as const;
export const reads: ToolAnnotations = { ...closedWorld, readOnlyHint: true };
/** Adds, and takes nothing away. */
export const adds: ToolAnnotations = {
  ...closedWorld,
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
};
export const changes: ToolAnnotations = {
  ...closedWorld,
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
};

/** An answer as one text item of JSON, and the same as structured content where the tool says its shape. */
export const jsonResult = (value: Readonly<Record<string, unknown>>, structured: boolean): CallToolResult => ({
  content: [{ type: "text", text: JSON.stringify(value) }],
  ...(structured ? { structuredContent: value } : {}),
});

/** What went wrong, in words that let a model do better: the code, what would be right, and each wrong field. */
export const errorResult = (error: unknown): CallToolResult => {
  const { code, message, data } = toCairnError(error);
  const { problems = [], hint, currentVersion } = data;
  const lines = [
    `${code}: ${message}`,
    ...problems.map((problem) => `- ${problem.path}: ${problem.message}`),
    ...(currentVersion === undefined ? [] : [`The current version is ${currentVersion}.`]),
    ...(hint === undefined ? [] : [hint]),
  ];
  return { isError: true, content: [{ type: "text", text: lines.join("\n") }] };
};
