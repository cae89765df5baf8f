/** Every operation there is. Edges are driven from this list, so that none can offer less or other than the rest. */
import type { Operation } from "./operation.ts";
import { whoami } from "./operations/auth/whoami.ts";
import { exportAudit } from "./operations/audit/export.ts";
import { listAudit } from "./operations/audit/list.ts";
import { verifyAudit } from "./operations/audit/verify.ts";
import { readUsage } from "./operations/usage/read.ts";
import { captureTurns } from "./operations/capture/turns.ts";
import { listChanges } from "./operations/changes/list.ts";
import { embedderStatus } from "./operations/embedder/status.ts";
import { embed } from "./operations/embedding/embed.ts";
import { embeddingFigures } from "./operations/embedder/figures.ts";
import { entityGraph } from "./operations/entities/graph.ts";
import { entityMemories } from "./operations/entities/memories.ts";
import { searchEntities } from "./operations/entities/search.ts";
import { listGrants } from "./operations/grants/list.ts";
import { removeGrant } from "./operations/grants/remove.ts";
import { setGrant } from "./operations/grants/set.ts";
import { readHealth } from "./operations/health/read.ts";
import { createKey } from "./operations/keys/create.ts";
import { getKey } from "./operations/keys/get.ts";
import { listKeys } from "./operations/keys/list.ts";
import { revokeKey } from "./operations/keys/revoke.ts";
import { rotateKey } from "./operations/keys/rotate.ts";
import { updateKey } from "./operations/keys/update.ts";
import { acceptInvitation } from "./operations/invitations/accept.ts";
import { createInvitation } from "./operations/invitations/create.ts";
import { listInvitations } from "./operations/invitations/list.ts";
import { revokeInvitation } from "./operations/invitations/revoke.ts";
import { addMember } from "./operations/members/add.ts";
import { leaveOrganisation } from "./operations/members/leave.ts";
import { listMembers } from "./operations/members/list.ts";
import { removeMember } from "./operations/members/remove.ts";
import { updateMember } from "./operations/members/update.ts";
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
import { disablePerson } from "./operations/people/disable.ts";
import { enablePerson } from "./operations/people/enable.ts";
import { getPerson } from "./operations/people/get.ts";
import { listPeople } from "./operations/people/list.ts";
import { readMe } from "./operations/people/me.ts";
import { removePerson } from "./operations/people/remove.ts";
import { resetSecondFactor } from "./operations/people/reset-second-factor.ts";
import { listPlans } from "./operations/plans/list.ts";
import { createProvider } from "./operations/providers/create.ts";
import { getProvider } from "./operations/providers/get.ts";
import { listProviders } from "./operations/providers/list.ts";
import { removeProvider } from "./operations/providers/remove.ts";
import { updateProvider } from "./operations/providers/update.ts";
import { createOrganisation } from "./operations/organisations/create.ts";
import { getOrganisation } from "./operations/organisations/get.ts";
import { listOrganisations } from "./operations/organisations/list.ts";
import { removeOrganisation } from "./operations/organisations/remove.ts";
import { updateOrganisation } from "./operations/organisations/update.ts";
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
import { createToken } from "./operations/tokens/create.ts";
import { rotateTokenKeys } from "./operations/tokens/rotate-keys.ts";

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
  listPlans,
  readHealth,
  createOrganisation,
  listOrganisations,
  getOrganisation,
  updateOrganisation,
  removeOrganisation,
  listMembers,
  addMember,
  updateMember,
  removeMember,
  leaveOrganisation,
  createInvitation,
  listInvitations,
  revokeInvitation,
  acceptInvitation,
  listGrants,
  setGrant,
  removeGrant,
  whoami,
  createKey,
  listKeys,
  getKey,
  updateKey,
  rotateKey,
  revokeKey,
  createToken,
  rotateTokenKeys,
  createProvider,
  listProviders,
  getProvider,
  updateProvider,
  removeProvider,
  readUsage,
  listAudit,
  exportAudit,
  verifyAudit,
  readMe,
  listPeople,
  getPerson,
  disablePerson,
  enablePerson,
  resetSecondFactor,
  removePerson,
];
