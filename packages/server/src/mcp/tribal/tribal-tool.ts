/**
 * TribalMemory's tools under their exact names, parameters and answers: each answer is one text item of JSON, and an
 * error is a field of it, never a failed call. They work on the same memory as Cairn's own tools.
 */
import type { ToolAnnotations } from "@modelcontextprotocol/server";
import { toCairnError } from "@cairn/kernel/error";
import { z } from "zod";
import type { JsonSchema } from "../../rest/json-schema.ts";
import { type Call, errorResult, jsonResult, type McpTool } from "../tool.ts";
import { lenient } from "../tool-schema.ts";

export type TribalAnswer = Readonly<Record<string, unknown>>;

interface TribalTool<Parameters extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly parameters: Parameters;
  readonly answer: (call: Call, args: z.output<Parameters>) => Promise<TribalAnswer>;
  /** What stands beside `error` when the call fails. */
  readonly failed: (args: z.output<Parameters>) => TribalAnswer;
}

export const tribalTool = <Parameters extends z.ZodObject>(tool: TribalTool<Parameters>): McpTool => {
  const { name, title, description, annotations, parameters, answer, failed } = tool;
  const inputSchema = (): JsonSchema => {
    const { $schema: _dialect, additionalProperties: _closed, ...schema } = z.toJSONSchema(parameters, { io: "input" });
    return schema;
  };
  let schema: JsonSchema | undefined;
  return {
    name,
    title,
    description: `${description} TribalMemory's tool, on the same memory as the cairn_ tools.`,
    annotations: { title, ...annotations },
    inputSchema,
    call: async (call, given) => {
      const parsed = parameters.safeParse(lenient(given, (schema ??= inputSchema())));
      if (!parsed.success) {
        const lines = parsed.error.issues.map((issue) => `- ${issue.path.join(".")}: ${issue.message}`);
        return {
          isError: true,
          content: [{ type: "text", text: [`The arguments of ${name} are not valid.`, ...lines].join("\n") }],
        };
      }
      try {
        return jsonResult(await answer(call, parsed.data), false);
      } catch (error) {
        const { code, message, status } = toCairnError(error);
        // A defect of ours must look like one, so that it is reported.
        if (code === "internal" && status >= 500) return errorResult(error);
        return jsonResult({ ...failed(parsed.data), error: message }, false);
      }
    },
  };
};

export const text = z.string();
export const optionalText = z.string().nullable().default(null);
export const optionalTags = z.array(z.string()).nullable().default(null);
export const isBlank = (given: string | null): boolean => given === null || given.trim() === "";

/** Out-of-range numbers are moved into range, as TribalMemory does. */
export const clamp = (given: number, min: number, max: number): number => Math.max(min, Math.min(max, given));
export const clampWhole = (given: number, min: number, max: number): number => Math.trunc(clamp(given, min, max));
/** Four digits, as its answers show scores. */
export const shownScore = (score: number): number => Math.round(score * 10_000) / 10_000;
