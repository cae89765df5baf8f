/**
 * One sample request for each route, written over the ids that it takes: `use` answers an id of the kind, so that the
 * same sample can be made with the caller's own ids, which must work, and with another's in any place, which must not.
 * A route without a sample fails the test by its name.
 */
import type { CredentialKind, IdKind } from "@cairn/testing/tenants/marked-tenants";

export interface SampleCall {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface Making {
  /** Of the caller, or of whoever it tries. */
  readonly use: (kind: IdKind) => string;
  /** A word that was never used before. */
  readonly fresh: () => string;
}

export interface Sample {
  readonly call: (making: Making) => SampleCall;
  /** With whose credential it works; a tenant's admin key when absent. `root`: who administrates the server. */
  readonly as?: CredentialKind | "root" | "leaver";
  /** Ends what it is called for, so that it comes after the others. */
  readonly last?: true;
  /**
   * Keeps what it is given as the caller's own, names or even ids, so that it is tried after those that look, and ids
   * at the very end.
   */
  readonly keeps?: "names" | "ids";
  /** The answer to a name that must be unique on the whole server tells that it is taken. */
  readonly taken?: readonly IdKind[];
}

/** What there is of a kind when another's is tried in its place. */
export const foreignKinds: Partial<Readonly<Record<IdKind, readonly IdKind[]>>> = {
  homeSpace: ["homeSpace", "space", "privateSpace"],
  space: ["space", "homeSpace", "privateSpace"],
  memory: ["memory", "deletedMemory"],
  spareMemory: ["spareMemory", "deletedMemory"],
  principal: ["principal", "sparePrincipal", "external"],
  grantee: ["principal", "external"],
  invited: ["invited", "email"],
};

/** Positions in lists and words of questions: they name nothing, so the answer need only hold nothing of another's. */
export const namesNothing: ReadonlySet<IdKind> = new Set([
  "word",
  "memoriesCursor",
  "exportCursor",
  "changesCursor",
  "messagesCursor",
  "keysCursor",
  "membersCursor",
  "invitationsCursor",
  "auditCursor",
  "organisationsCursor",
]);

const query = (
  make: (making: Making) => Readonly<Record<string, string>>,
  more: Omit<Sample, "call"> = {},
): Sample => ({
  call: (making) => ({ query: make(making) }),
  ...more,
});
const body = (
  make: (making: Making) => Readonly<Record<string, unknown>>,
  more: Omit<Sample, "call"> = {},
): Sample => ({
  call: (making) => ({ body: make(making) }),
  ...more,
});
const plain: Sample = { call: () => ({}) };
const home = ({ use }: Making) => ({ space: use("homeSpace") });
const path = (name: string, kind: IdKind, more: Omit<Sample, "call"> = {}): Sample => ({
  call: ({ use }) => ({ path: { [name]: use(kind) } }),
  ...more,
});
/** A memory by its id in a path, in a space. */
const memory = (kind: IdKind, content?: (making: Making) => Readonly<Record<string, unknown>>, more = {}): Sample => ({
  call: (making) => ({
    path: { id: making.use(kind) },
    ...(content === undefined ? { query: home(making) } : { body: { ...content(making), ...home(making) } }),
  }),
  ...more,
});
const inOrganisation = ({ use }: Making) => ({ organisation: use("organisation") });
const filters = ({ use }: Making) => ({
  tags: use("tag"),
  key: use("memoryKey"),
  entity: use("entity"),
  session_id: use("session"),
  author: use("author"),
  source_instance: use("instance"),
});
const facts = ({ use, fresh }: Making) => ({
  content: `The parcel ${fresh()} went to ${fresh()}`,
  skip_dedup: true,
  entity: use("entity"),
  tags: [use("tag")],
  author: use("author"),
  session_id: use("session"),
});

export const samples: Readonly<Record<string, Sample>> = {
  "POST /v1/remember": body((making) => ({ ...facts(making), ...home(making) }), { keeps: "names" }),
  "POST /v1/remember/batch": body((making) => ({ memories: [facts(making), facts(making)], ...home(making) }), {
    keeps: "names",
  }),
  "POST /v1/correct": body(
    (making) => ({
      original_id: making.use("memory"),
      corrected_content: `The ship ${making.fresh()} is in port ${making.fresh()}`,
      ...home(making),
    }),
    { last: true, keeps: "names" },
  ),
  "DELETE /v1/forget/{memory_id}": {
    call: (making) => ({ path: { memory_id: making.use("spareMemory") }, query: home(making) }),
  },
  "GET /v1/memory/{id}": memory("memory"),
  "POST /v1/recall": body((making) => ({
    query: "Who drinks tea?",
    min_relevance: 0,
    include: "all",
    ...home(making),
    key: making.use("memoryKey"),
    entity: making.use("entity"),
    session_id: making.use("session"),
    author: making.use("author"),
    tags: [making.use("tag")],
    explain: true,
  })),
  "POST /v1/sessions/ingest": body(
    ({ use, fresh }) => ({
      session_id: use("session"),
      instance_id: use("instance"),
      messages: [{ role: "user", content: `What became of ${fresh()}?` }],
      space: use("homeSpace"),
    }),
    { keeps: "names" },
  ),
  "GET /v1/sessions/search": query((making) => ({
    query: making.use("word"),
    min_relevance: "-1",
    session_id: making.use("session"),
    ...home(making),
  })),
  "POST /v1/export": body((making) => ({ tags: [making.use("tag")], ...home(making) })),
  "POST /v1/export/page": body((making) => ({ cursor: making.use("exportCursor"), limit: 2, ...home(making) })),
  "POST /v1/import": body(
    (making) => ({
      bundle: {
        manifest: { schema_version: "1.0", embedding: null, memory_count: 1 },
        entries: [{ id: making.use("memory"), content: `Imported ${making.fresh()}`, source_type: "user_explicit" }],
      },
      conflict_resolution: "skip",
      ...home(making),
    }),
    { keeps: "ids" },
  ),
  "GET /v1/health": plain,
  "GET /v1/stats": query(home),
  "GET /v1/memories": query((making) => ({ ...filters(making), ...home(making) })),
  "GET /v1/memories/{id}": memory("memory"),
  "PATCH /v1/memories/{id}": memory("memory", ({ use }) => ({ importance: 0.9, entity: use("entity") }), {
    keeps: "names",
  }),
  "DELETE /v1/memories/{id}": memory("deletedMemory", undefined, { last: true }),
  "GET /v1/memories/{id}/history": memory("memory"),
  "POST /v1/memories/{id}/restore": memory("deletedMemory", () => ({})),
  "POST /v1/memories/{id}/release": memory("heldMemory", () => ({})),
  "POST /v1/capture": body(
    (making) => ({
      session_id: making.use("session"),
      turns: [{ role: "user", content: `Remember that I prefer the ${making.fresh()} train.` }],
      ...home(making),
    }),
    { keeps: "names" },
  ),
  "GET /v1/entities": query((making) => ({ q: making.use("word"), ...home(making) })),
  "GET /v1/entities/{name}": {
    call: (making) => ({ path: { name: making.use("entity") }, query: { hops: "2", ...home(making) } }),
  },
  "GET /v1/entities/{name}/memories": {
    call: (making) => ({ path: { name: making.use("entity") }, query: { hops: "2", ...home(making) } }),
  },
  "GET /v1/sessions/{session_id}/messages": {
    call: (making) => ({
      path: { session_id: making.use("session") },
      query: { cursor: making.use("messagesCursor"), ...home(making) },
    }),
  },
  "POST /v1/spaces": body(({ fresh }) => ({ name: fresh(), description: "A new one." })),
  "GET /v1/spaces": query(inOrganisation),
  "GET /v1/spaces/{space}": path("space", "space"),
  "PATCH /v1/spaces/{space}": {
    call: ({ use, fresh }) => ({ path: { space: use("space") }, body: { description: fresh() } }),
  },
  "DELETE /v1/spaces/{space}": path("space", "spareSpace", { last: true }),
  "GET /v1/changes": query((making) => ({ cursor: making.use("changesCursor"), ...home(making) })),
  "GET /v1/embedder": query(home),
  "GET /v1/embedder/figures": { ...plain, as: "root" },
  "POST /v1/embed": body((making) => ({ input: ["Anna drinks green tea."], ...home(making) })),
  "POST /v1/embeddings": body(() => ({ input: "Anna drinks green tea.", model: "any" })),
  "GET /v1/auth/whoami": plain,
  "POST /v1/auth/keys": body(({ use, fresh }) => ({
    label: fresh(),
    role: "viewer",
    space: use("space"),
    scopes: ["memories:read"],
  })),
  "GET /v1/auth/keys": query(({ use }) => ({ space: use("homeSpace"), cursor: use("keysCursor") })),
  "GET /v1/auth/keys/{id}": path("id", "key"),
  "PATCH /v1/auth/keys/{id}": { call: ({ use, fresh }) => ({ path: { id: use("key") }, body: { label: fresh() } }) },
  "DELETE /v1/auth/keys/{id}": path("id", "key", { last: true }),
  "POST /v1/auth/keys/{id}/rotate": {
    call: ({ use }) => ({ path: { id: use("spareKey") }, body: { grace_seconds: 60 } }),
    last: true,
  },
  "GET /v1/organisations": query(({ use }) => ({ cursor: use("organisationsCursor") })),
  "POST /v1/organisations": body(({ use, fresh }) => ({ name: fresh(), admin: use("principal") }), { as: "root" }),
  "GET /v1/organisations/{id}": path("id", "organisation"),
  "PATCH /v1/organisations/{id}": {
    call: ({ use, fresh }) => ({ path: { id: use("organisation") }, body: { name: fresh(), slug: use("slug") } }),
    taken: ["slug"],
  },
  "DELETE /v1/organisations/{id}": path("id", "spareOrganisation", { as: "root", last: true }),
  "GET /v1/members": query((making) => ({ ...inOrganisation(making), cursor: making.use("membersCursor") })),
  "POST /v1/members": body(
    (making) => ({ principal: making.use("sparePrincipal"), role: "editor", ...inOrganisation(making) }),
    { as: "root" },
  ),
  "POST /v1/members/leave": { ...body(() => ({})), as: "leaver", last: true },
  "PATCH /v1/members/{principal}": {
    call: (making) => ({
      path: { principal: making.use("sparePrincipal") },
      body: { role: "editor", ...inOrganisation(making) },
    }),
  },
  "DELETE /v1/members/{principal}": {
    call: (making) => ({ path: { principal: making.use("sparePrincipal") }, query: inOrganisation(making) }),
    last: true,
  },
  "GET /v1/invitations": query((making) => ({ ...inOrganisation(making), cursor: making.use("invitationsCursor") })),
  "POST /v1/invitations": body(
    (making) => ({ email: making.use("invited"), role: "viewer", ...inOrganisation(making) }),
    { keeps: "names" },
  ),
  "POST /v1/invitations/accept": body(({ use }) => ({ token: use("invitationToken") }), { as: "person" }),
  "DELETE /v1/invitations/{id}": {
    call: (making) => ({ path: { id: making.use("invitation") }, query: inOrganisation(making) }),
    last: true,
  },
  "GET /v1/spaces/{space}/grants": path("space", "space"),
  "PUT /v1/spaces/{space}/grants/{principal}": {
    call: ({ use }) => ({ path: { space: use("space"), principal: use("grantee") }, body: { actions: ["read"] } }),
    keeps: "names",
  },
  "DELETE /v1/spaces/{space}/grants/{principal}": {
    call: ({ use }) => ({ path: { space: use("space"), principal: use("grantee") } }),
    last: true,
  },
  "GET /v1/me": plain,
  "GET /v1/people": query(({ use }) => ({ email: use("email") }), { as: "root" }),
  "GET /v1/people/{principal}": path("principal", "sparePrincipal", { as: "root" }),
  "POST /v1/people/{principal}/disable": path("principal", "sparePrincipal", { as: "root", last: true }),
  "POST /v1/people/{principal}/enable": path("principal", "sparePrincipal", { as: "root", last: true }),
  "POST /v1/people/{principal}/reset-second-factor": path("principal", "sparePrincipal", { as: "root", last: true }),
  "DELETE /v1/people/{principal}": path("principal", "sparePrincipal", { as: "root", last: true }),
  "GET /v1/plans": plain,
  "POST /v1/auth/tokens": body(({ use }) => ({ expires_in: 60, space: use("space") })),
  "POST /v1/auth/token-keys/rotate": { ...body(() => ({ revoke: false })), as: "root", last: true },
  "POST /v1/auth/providers": body(
    ({ use, fresh }) => ({
      issuer: use("issuer"),
      audience: fresh(),
      jwks_uri: "https://login.example.com/jwks.json",
      default_role: "viewer",
      space: use("space"),
    }),
    { taken: ["issuer"], keeps: "names" },
  ),
  "GET /v1/auth/providers": plain,
  "GET /v1/auth/providers/{id}": path("id", "provider"),
  "PATCH /v1/auth/providers/{id}": {
    call: ({ use }) => ({ path: { id: use("provider") }, body: { default_role: "editor", space: use("space") } }),
  },
  "DELETE /v1/auth/providers/{id}": path("id", "spareProvider", { last: true }),
  "GET /v1/usage": query(({ use }) => ({ by: "space_key", space: use("homeSpace"), key: use("key") })),
  "GET /v1/audit": query(({ use }) => ({
    space: use("space"),
    key: use("key"),
    principal: use("principal"),
    subject: use("memory"),
    cursor: use("auditCursor"),
  })),
  "GET /v1/audit/export": query(({ use }) => ({ cursor: use("changesCursor"), limit: "2" })),
  "GET /v1/audit/verify": query(({ use }) => ({ head: use("auditHead"), after: use("auditHead") })),
  "GET /readyz": plain,
};
