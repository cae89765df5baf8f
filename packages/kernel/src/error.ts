/**
 * Coded errors: one closed union of codes, mapped once at each edge.
 *
 * A code is a stable promise to clients; a message is for people and may change. The status is the one
 * that HTTP edges answer with (RFC 9110), other edges map from the code.
 */
export const errorStatus = {
  "request.invalid": 422,
  "request.malformed": 400,
  "request.too_large": 413,
  "request.timeout": 408,
  "request.unsupported_media_type": 415,
  "request.method_not_allowed": 405,
  "request.not_found": 404,
  "request.host_refused": 403,
  "request.origin_refused": 403,
  "request.idempotency_conflict": 409,
  "request.already_done": 409,
  "memory.not_found": 404,
  "memory.version_conflict": 409,
  "memory.version_not_found": 404,
  "memory.purged": 410,
  "memory.batch_rejected": 409,
  "space.not_found": 404,
  "space.name_taken": 409,
  "space.not_empty": 409,
  "space.moved": 503,
  "entity.not_found": 404,
  "session.not_found": 404,
  "import.invalid": 422,
  "auth.required": 401,
  "auth.invalid": 401,
  "auth.forbidden": 403,
  "auth.scope_missing": 403,
  "auth.link_invalid": 410,
  "space.forbidden": 403,
  "organisation.not_found": 404,
  "organisation.slug_taken": 409,
  "organisation.suspended": 403,
  "user.not_found": 404,
  "user.exists": 409,
  "member.not_found": 404,
  "member.last_admin": 409,
  "invitation.not_found": 404,
  "grant.not_found": 404,
  "key.not_found": 404,
  "provider.not_found": 404,
  "provider.taken": 409,
  "provider.unavailable": 503,
  "plan.unknown": 422,
  "mail.unavailable": 503,
  "audit.broken": 500,
  "limit.exceeded": 403,
  "limit.rate_exceeded": 429,
  "storage.full": 507,
  "storage.read_only": 503,
  "storage.busy": 503,
  "storage.corrupt": 500,
  "storage.unavailable": 503,
  "storage.newer": 503,
  "embedding.unavailable": 503,
  "embedder.unknown": 422,
  "model.download_failed": 503,
  "model.invalid": 422,
  "reranker.unavailable": 503,
  "extraction.unavailable": 503,
  "config.invalid": 500,
  "server.port_in_use": 500,
  "server.address_refused": 500,
  "server.not_ready": 503,
  "server.shutting_down": 503,
  internal: 500,
} as const satisfies Readonly<Record<string, number>>;

export type ErrorCode = keyof typeof errorStatus;

/** One thing wrong with one field. `path` reads like `memories.3.content`. */
export interface FieldProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** A limit of a plan, and what would lift it (TEN-5). */
export interface LimitData {
  /** `memories`, `queries`, … */
  readonly name: string;
  readonly used: number;
  readonly most: number;
  readonly plan: string;
  /** The name of a plan that allows more; null where none does. */
  readonly liftedBy: string | null;
}

export interface ErrorData {
  readonly problems?: readonly FieldProblem[];
  readonly currentVersion?: number;
  readonly retryAfterMs?: number;
  readonly limit?: LimitData;
  readonly hint?: string;
}

/** The only error that code of this project throws on purpose. Its message never holds memory content or secrets. */
export class CairnError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: ErrorData = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "CairnError";
    this.code = code;
    this.data = data;
  }

  get status(): number {
    return errorStatus[this.code];
  }
}

/** The error as plain data, to cross a worker thread or a wire; `reviveError` is its inverse. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: ErrorData;
}

export const isCairnError = (error: unknown): error is CairnError => error instanceof CairnError;

/** Anything thrown becomes a coded error; what was not coded is `internal`, its own text kept as the cause only. */
export const toCairnError = (error: unknown): CairnError =>
  isCairnError(error) ? error : new CairnError("internal", "Something went wrong inside Cairn.", {}, { cause: error });

export const plainError = (error: unknown): PlainError => {
  const { code, message, data } = toCairnError(error);
  return { code, message, data };
};

export const reviveError = (plain: PlainError): CairnError => new CairnError(plain.code, plain.message, plain.data);
