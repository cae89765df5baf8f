/**
 * Every HTTP route, in the order of the reference. A new operation becomes reachable by one line here; the router, the
 * OpenAPI document and the reference page follow.
 */
import { captureTurns } from "@cairn/operations/operations/capture/turns";
import { listChanges } from "@cairn/operations/operations/changes/list";
import { embedderStatus } from "@cairn/operations/operations/embedder/status";
import { embed } from "@cairn/operations/operations/embedding/embed";
import { embeddingFigures } from "@cairn/operations/operations/embedder/figures";
import { entityGraph } from "@cairn/operations/operations/entities/graph";
import { entityMemories } from "@cairn/operations/operations/entities/memories";
import { searchEntities } from "@cairn/operations/operations/entities/search";
import { readHealth } from "@cairn/operations/operations/health/read";
import { forget } from "@cairn/operations/operations/memories/forget";
import { getMemory } from "@cairn/operations/operations/memories/get";
import { memoryHistory } from "@cairn/operations/operations/memories/history";
import { listMemories } from "@cairn/operations/operations/memories/list";
import { release } from "@cairn/operations/operations/memories/release";
import { restoreMemory } from "@cairn/operations/operations/memories/restore";
import { updateMemory } from "@cairn/operations/operations/memories/update";
import { sessionMessages } from "@cairn/operations/operations/sessions/messages";
import { createSpace } from "@cairn/operations/operations/spaces/create";
import { getSpace } from "@cairn/operations/operations/spaces/get";
import { listSpaces } from "@cairn/operations/operations/spaces/list";
import { removeSpace } from "@cairn/operations/operations/spaces/remove";
import { updateSpace } from "@cairn/operations/operations/spaces/update";
import { openAiEmbeddings } from "../compat/openai/embeddings.ts";
import { tribalMemories } from "../compat/tribal/memories.ts";
import { tribalRecall } from "../compat/tribal/recall.ts";
import { tribalServer } from "../compat/tribal/server.ts";
import { tribalSessions } from "../compat/tribal/sessions.ts";
import { tribalTransfer } from "../compat/tribal/transfer.ts";
import { type Binding, bind } from "./binding.ts";
import { ledgerBindings } from "./ledger-bindings.ts";
import { keyBindings } from "./key-bindings.ts";
import { organisationBindings } from "./tenant-bindings.ts";
import { peopleBindings } from "./people-bindings.ts";
import { planBindings } from "./plan-bindings.ts";
import { tokenBindings } from "./token-bindings.ts";

export const bindings: readonly Binding[] = [
  ...tribalMemories,
  ...tribalRecall,
  ...tribalSessions,
  ...tribalTransfer,
  ...tribalServer,
  bind("GET /v1/memories", listMemories),
  bind("GET /v1/memories/{id}", getMemory),
  bind("PATCH /v1/memories/{id}", updateMemory, { example: { importance: 0.9, expected_version: 1 } }),
  bind("DELETE /v1/memories/{id}", forget),
  bind("GET /v1/memories/{id}/history", memoryHistory),
  bind("POST /v1/memories/{id}/restore", restoreMemory, { example: { version: 1 } }),
  bind("POST /v1/memories/{id}/release", release, { example: { expected_version: 1 } }),
  bind("POST /v1/capture", captureTurns, {
    example: {
      session_id: "chat-7",
      turns: [{ role: "user", content: "I prefer window seats on night trains." }],
      dry_run: true,
    },
  }),
  bind("GET /v1/entities", searchEntities),
  bind("GET /v1/entities/{name}", entityGraph),
  bind("GET /v1/entities/{name}/memories", entityMemories),
  bind("GET /v1/sessions/{session_id}/messages", sessionMessages),
  bind("POST /v1/spaces", createSpace, { status: 201, example: { name: "project-x" } }),
  bind("GET /v1/spaces", listSpaces),
  bind("GET /v1/spaces/{space}", getSpace),
  bind("PATCH /v1/spaces/{space}", updateSpace, { example: { description: "What we know of project X." } }),
  bind("DELETE /v1/spaces/{space}", removeSpace),
  bind("GET /v1/changes", listChanges),
  bind("GET /v1/embedder", embedderStatus),
  bind("GET /v1/embedder/figures", embeddingFigures),
  bind("POST /v1/embed", embed, { example: { input: ["Anna drinks green tea."] } }),
  openAiEmbeddings,
  ...keyBindings,
  ...organisationBindings,
  ...peopleBindings,
  ...planBindings,
  ...tokenBindings,
  ...ledgerBindings,
  bind("GET /readyz", readHealth, {
    section: "health",
    routeId: "health.ready",
    status: ({ status }) => (status === "ok" ? 200 : 503),
  }),
];
