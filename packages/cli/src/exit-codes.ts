/**
 * What the exit status of `cairn` means, so that scripts can tell. The numbers are a promise: they are listed by
 * `cairn help exit-codes` and never change their meaning.
 */
import { type CairnError, type ErrorCode, isCairnError } from "@cairn/kernel/error";

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  storage: 5,
  invalidInput: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeTexts: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "done",
  failure: "it failed, or doctor found something, or part of an import could not be taken over",
  usage: "the command line was not understood",
  notFound: "no such memory, space, session, entity, organisation, key or person",
  conflict: "already remembered, or the memory has moved on, or the name is taken",
  storage: "the data folder is busy, full, read-only, damaged or out of reach",
  invalidInput: "a value, file or setting is not valid",
  interrupted: "interrupted, for example with Ctrl-C",
};

/** Every code has its place here; a new one does not compile until someone decides. */
const byCode: Readonly<Record<ErrorCode, keyof typeof exitCodes>> = {
  "request.invalid": "invalidInput",
  "request.malformed": "invalidInput",
  "request.too_large": "invalidInput",
  "request.timeout": "failure",
  "request.unsupported_media_type": "invalidInput",
  "request.method_not_allowed": "failure",
  "request.not_found": "notFound",
  "request.host_refused": "failure",
  "request.origin_refused": "failure",
  "request.idempotency_conflict": "conflict",
  "request.already_done": "conflict",
  "memory.not_found": "notFound",
  "memory.version_conflict": "conflict",
  "memory.version_not_found": "notFound",
  "memory.purged": "notFound",
  "memory.batch_rejected": "invalidInput",
  "space.not_found": "notFound",
  "space.name_taken": "conflict",
  "space.not_empty": "conflict",
  "space.moved": "storage",
  "entity.not_found": "notFound",
  "session.not_found": "notFound",
  "import.invalid": "invalidInput",
  "auth.required": "failure",
  "auth.invalid": "failure",
  "auth.forbidden": "failure",
  "auth.scope_missing": "failure",
  "auth.link_invalid": "failure",
  "space.forbidden": "failure",
  "organisation.not_found": "notFound",
  "organisation.slug_taken": "conflict",
  "organisation.suspended": "failure",
  "user.not_found": "notFound",
  "user.exists": "conflict",
  "member.not_found": "notFound",
  "member.last_admin": "conflict",
  "invitation.not_found": "notFound",
  "grant.not_found": "notFound",
  "key.not_found": "notFound",
  "provider.not_found": "notFound",
  "provider.taken": "conflict",
  "provider.unavailable": "failure",
  "plan.unknown": "invalidInput",
  "mail.unavailable": "failure",
  "audit.broken": "failure",
  "limit.exceeded": "failure",
  "limit.rate_exceeded": "failure",
  "storage.full": "storage",
  "storage.read_only": "storage",
  "storage.busy": "storage",
  "storage.corrupt": "storage",
  "storage.unavailable": "storage",
  "storage.newer": "storage",
  "embedding.unavailable": "failure",
  "embedder.unknown": "invalidInput",
  "model.download_failed": "failure",
  "model.invalid": "invalidInput",
  "reranker.unavailable": "failure",
  "extraction.unavailable": "failure",
  "config.invalid": "invalidInput",
  "server.port_in_use": "failure",
  "server.address_refused": "invalidInput",
  "server.not_ready": "failure",
  "server.shutting_down": "failure",
  internal: "failure",
};

export const exitCodeFor = (code: CairnError["code"]): ExitCode => exitCodes[byCode[code]];

/** Anything thrown; what is not a coded error is a failure of ours. */
export const exitCodeOf = (error: unknown): ExitCode =>
  isCairnError(error) ? exitCodeFor(error.code) : exitCodes.failure;
