/** What the OpenAPI document says beside the table of bindings: sections, error shapes, and the server's own routes. */
import { errorStatus } from "@cairn/kernel/error";
import type { JsonSchema } from "./json-schema.ts";

export const sections = [
  { name: "tribal", description: "TribalMemory's API, with Cairn's own fields beside its." },
  { name: "memories", description: "Read, change, forget, restore." },
  { name: "entities", description: "What memories are about." },
  { name: "sessions", description: "Conversation transcripts." },
  { name: "capture", description: "What is worth keeping of a conversation." },
  { name: "spaces", description: "Separate memories." },
  { name: "grants", description: "What somebody may do to a space, whatever the role." },
  { name: "organisations", description: "Tenants: members, spaces and keys of their own." },
  { name: "members", description: "Who belongs to an organisation." },
  { name: "invitations", description: "Who may join one." },
  { name: "people", description: "Accounts of people, and your own." },
  { name: "changes", description: "The log of a space." },
  { name: "embedder", description: "The model that compares meanings." },
  { name: "embedding", description: "Texts as vectors." },
  { name: "auth", description: "Who you are here." },
  { name: "keys", description: "API keys." },
  { name: "tokens", description: "Short-lived tokens." },
  { name: "providers", description: "Sign-in with tokens of your own identity provider." },
  { name: "plans", description: "What an organisation may use." },
  { name: "usage", description: "What was used, day by day." },
  { name: "audit", description: "Who did what, as a chain that can be verified." },
  { name: "health", description: "Is it alive, is it ready." },
] as const;

const problem: JsonSchema = {
  type: "object",
  description: "RFC 9457.",
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(errorStatus) },
    detail: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        properties: { path: { type: "string" }, code: { type: "string" }, message: { type: "string" } },
        required: ["path", "code", "message"],
      },
    },
    current_version: { type: "integer" },
    hint: { type: "string" },
    request_id: { type: "string" },
  },
  required: ["type", "title", "status", "code", "detail", "request_id"],
  example: {
    type: "urn:cairn:problem:memory.not_found",
    title: "Memory not found",
    status: 404,
    code: "memory.not_found",
    detail: "There is no memory with this id here.",
    request_id: "0198f6a2-7c1e-7b4a-9d52-3f1c2a6b8e01",
  },
};

const validationError: JsonSchema = {
  type: "object",
  properties: {
    detail: {
      type: "array",
      items: {
        type: "object",
        properties: {
          loc: { type: "array", items: { type: ["string", "integer"] } },
          msg: { type: "string" },
          type: { type: "string" },
        },
        required: ["loc", "msg", "type"],
      },
    },
    code: { type: "string" },
    request_id: { type: "string" },
  },
  required: ["detail"],
  example: { detail: [{ loc: ["body", "content"], msg: "Field required", type: "missing" }] },
};

export const sharedSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: problem,
  ValidationError: validationError,
};

const simple = (operationId: string, section: string, summary: string, properties: JsonSchema): JsonSchema => ({
  operationId,
  summary,
  tags: [section],
  responses: {
    "200": { description: "Done.", content: { "application/json": { schema: { type: "object", properties } } } },
  },
});
const text = { type: "string" } as const;

/** Routes that are no operation on memories. */
export const ownRoutes: readonly {
  readonly path: string;
  readonly method: string;
  readonly description: JsonSchema;
}[] = [
  {
    path: "/",
    method: "get",
    description: simple("server.describe", "health", "Name and version", {
      service: text,
      name: text,
      version: text,
      docs: text,
    }),
  },
  {
    path: "/healthz",
    method: "get",
    description: simple("health.alive", "health", "Whether the process lives", { status: text }),
  },
  {
    path: "/v1/shutdown",
    method: "post",
    description: simple("server.shutdown", "tribal", "End the server, from this machine only", { status: text }),
  },
];
