/**
 * One MCP server for one connection. Only what `initialize` needs is loaded with it; tools and the engine behind them
 * are loaded when the client first asks for them, because clients start servers while a person waits.
 */
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { toCairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Caller } from "@cairn/operations/context";
import type { Pipeline } from "@cairn/operations/pipeline";
import { describeCause, type FailureLog } from "../observe/log.ts";
import { version } from "../version.ts";
import { instructions } from "./instructions.ts";
import type { Call } from "./tool.ts";

export interface McpOptions {
  /** Opened by the first call that needs it; after a failure the next call tries again. */
  readonly pipeline: () => Promise<Pipeline>;
  readonly caller: Pick<Caller, "identity" | "instance" | "defaultSpace" | "address">;
  readonly log: FailureLog;
}

const loadTools = () => import("./tools.ts");
const loadResources = () => import("./resources.ts");
const loadPrompts = () => import("./prompts.ts");

export const makeMcpServer = ({ pipeline, caller, log }: McpOptions): Server => {
  const call: Call = async (operation, input) => {
    const requestId = newId();
    const started = performance.now();
    try {
      return await (await pipeline()).call(operation, { ...caller, requestId, edge: "mcp" }, input);
    } catch (error) {
      const { code, status } = toCairnError(error);
      const cause = describeCause(error);
      const milliseconds = performance.now() - started;
      if (status >= 500)
        log({ requestId, route: operation.name, code, milliseconds, ...(cause === undefined ? {} : { cause }) });
      throw error;
    }
  };

  /** What a handler throws reaches the client as it is, so only coded messages may leave. */
  const safely = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      const { code, message } = toCairnError(error);
      throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message}`);
    }
  };

  const server = new Server(
    { name: "cairn", title: "Cairn", version },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions },
  );
  server.setRequestHandler("tools/list", async () => (await loadTools()).listTools());
  server.setRequestHandler("tools/call", ({ params }) =>
    safely(async () => {
      const { callTool } = await loadTools();
      const result = await callTool(call, params.name, params.arguments ?? {});
      if (result === null)
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${params.name.slice(0, 100)} not found`);
      return server.projectCallToolResult(result, undefined);
    }),
  );
  server.setRequestHandler("resources/list", () => safely(async () => (await loadResources()).listResources(call)));
  server.setRequestHandler("resources/templates/list", async () => (await loadResources()).resourceTemplates);
  server.setRequestHandler("resources/read", ({ params }) =>
    safely(async () => (await loadResources()).readResource(call, params.uri)),
  );
  server.setRequestHandler("prompts/list", async () => (await loadPrompts()).prompts);
  server.setRequestHandler("prompts/get", ({ params }) =>
    safely(async () => (await loadPrompts()).getPrompt(call, params.name, params.arguments ?? {})),
  );
  return server;
};
