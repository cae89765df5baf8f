/** A tool of Cairn's own: an operation with a model's view of it. */
import type { ToolAnnotations } from "@modelcontextprotocol/server";
import type { Operation } from "@cairn/operations/operation";
import { fromWire, toWire } from "@cairn/operations/wire";
import type { z } from "zod";
import { type JsonSchema, wireSchema } from "../../rest/json-schema.ts";
import { errorResult, jsonResult, type McpTool } from "../tool.ts";
import { inputFields, lenient, outputShape } from "../tool-schema.ts";

export interface NativeTool<Out extends z.ZodType> {
  readonly name: string;
  /** Written for a model: when to use it, and when not. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** The fields that a model is told of, in wire names. */
  readonly fields: readonly string[];
  /** Another view of the output than all of it, with its schema. */
  readonly present?: (output: z.output<Out>) => Readonly<Record<string, unknown>>;
  readonly outputSchema?: (full: JsonSchema) => JsonSchema;
}

export const nativeTool = <In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
  { name, description, annotations, fields, present, outputSchema }: NativeTool<Out>,
): McpTool => {
  const inputSchema = (): JsonSchema => inputFields(wireSchema(operation.input, "input"), fields);
  const show = present ?? ((output: z.output<Out>) => toWire(output) as Readonly<Record<string, unknown>>);
  let schema: JsonSchema | undefined;
  return {
    name,
    title: operation.summary,
    description,
    annotations: { title: operation.summary, ...annotations },
    inputSchema,
    outputSchema: () => {
      const full = wireSchema(operation.output, "output");
      return outputShape(outputSchema === undefined ? full : outputSchema(full));
    },
    call: async (call, args) => {
      try {
        const output = await call(operation, fromWire(lenient(args, (schema ??= inputSchema()))));
        return jsonResult(show(output), true);
      } catch (error) {
        return errorResult(error);
      }
    },
  };
};
