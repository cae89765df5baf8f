/** MCP over stdin and stdout, as clients start it (API-6): `cairn mcp`. */
import { Console } from "node:console";
import type { Readable, Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Pipeline } from "@cairn/operations/pipeline";
import { logToStderr } from "../observe/log.ts";
import { patientTransport } from "./patient-transport.ts";
import { makeMcpServer, type McpOptions } from "./server.ts";

export interface StdioOptions {
  /** Opens what operations need; called when the first call needs it, again after a failure. */
  readonly pipeline: () => Promise<Pipeline>;
  readonly caller: McpOptions["caller"];
  readonly log?: McpOptions["log"];
  readonly stdin?: Readable;
  readonly stdout?: Writable;
}

export interface StdioServer {
  /** Resolves when the client has closed its end and everything it asked for was answered. */
  readonly closed: Promise<void>;
  readonly close: () => Promise<void>;
}

/** stdout belongs to the protocol: whatever a library prints goes to stderr. */
const keepStdoutClean = (): void => {
  globalThis.console = new Console(process.stderr, process.stderr);
};

export const runStdioServer = (options: StdioOptions): StdioServer => {
  const { caller, log = logToStderr, stdin = process.stdin, stdout = process.stdout } = options;
  if (stdout === process.stdout) keepStdoutClean();
  let opening: Promise<Pipeline> | undefined;
  const pipeline = (): Promise<Pipeline> => {
    opening ??= options.pipeline().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const wire = patientTransport(stdin, stdout);
  const handle = serveStdio(() => makeMcpServer({ pipeline, caller, log }), {
    transport: wire,
    // Broken lines and the like: the connection goes on, and nothing of them is repeated.
    onerror: () => log({ requestId: "", route: "mcp", code: "request.malformed", milliseconds: 0 }),
  });
  const end = wire.onclose;
  wire.onclose = () => {
    end?.();
    resolve();
  };
  return {
    closed,
    close: async () => {
      await handle.close();
      resolve();
    },
  };
};
