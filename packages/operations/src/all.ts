/** Every operation there is. Edges are driven from this list, so that none can offer less or other than the rest. */
import type { Operation } from "./operation.ts";
import { captureTurns } from "./operations/capture/turns.ts";
import { listChanges } from "./operations/changes/list.ts";
import { embedderStatus } from "./operations/embedder/status.ts";
import { embed } from "./operations/embedding/embed.ts";
import { embeddingFigures } from "./operations/embedder/figures.ts";
import { entityGraph } from "./operations/entities/graph.ts";
import { entityMemories } from "./operations/entities/memories.ts";
import { searchEntities } from "./operations/entities/search.ts";
import { readHealth } from "./operations/health/read.ts";
import { correct } from "./operations/memories/correct.ts";
import { exportMemories } from "./operations/memories/export.ts";
import { exportMemoriesPage } from "./operations/memories/export-page.ts";
import { forget } from "./operations/memories/forget.ts";
import { getMemory } from "./operations/memories/get.ts";
import { memoryHistory } from "./operations/memories/history.ts";
import { importMemories } from "./operations/memories/import.ts";
import { listMemories } from "./operations/memories/list.ts";
import { release } from "./operations/memories/release.ts";
import { remember } from "./operations/memories/remember.ts";
import { rememberBatch } from "./operations/memories/remember-batch.ts";
import { restoreMemory } from "./operations/memories/restore.ts";
import { updateMemory } from "./operations/memories/update.ts";
import { recall } from "./operations/recall/recall.ts";
import { ingestSession } from "./operations/sessions/ingest.ts";
import { sessionMessages } from "./operations/sessions/messages.ts";
import { searchSessions } from "./operations/sessions/search.ts";
import { createSpace } from "./operations/spaces/create.ts";
import { getSpace } from "./operations/spaces/get.ts";
import { listSpaces } from "./operations/spaces/list.ts";
import { removeSpace } from "./operations/spaces/remove.ts";
import { updateSpace } from "./operations/spaces/update.ts";
import { readStats } from "./operations/stats/read.ts";

export const allOperations: readonly Operation[] = [
  remember,
  rememberBatch,
  recall,
  getMemory,
  listMemories,
  updateMemory,
  correct,
  forget,
  memoryHistory,
  restoreMemory,
  release,
  captureTurns,
  importMemories,
  exportMemories,
  exportMemoriesPage,
  ingestSession,
  searchSessions,
  sessionMessages,
  searchEntities,
  entityGraph,
  entityMemories,
  createSpace,
  listSpaces,
  getSpace,
  updateSpace,
  removeSpace,
  readStats,
  listChanges,
  embedderStatus,
  embeddingFigures,
  embed,
  readHealth,
];
