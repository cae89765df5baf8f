/**
 * What Cairn must do, each behaviour under a stable id. A test proves one by naming its id in the title.
 *
 * `done` is a promise: the test run fails when no passing test names the id. `partial` means that some of it works
 * and is tested, `planned` that nobody has begun. Ids are never reused.
 */
export type RequirementState = "done" | "partial" | "planned";

export interface Requirement {
  readonly title: string;
  readonly state: RequirementState;
  /**
   * Proven only by tests that need a part which not every machine can have; where all of them were skipped, the run says
   * so and does not fail.
   */
  readonly needs?: "PostgreSQL";
}

const done = (title: string): Requirement => ({ title, state: "done" });
const doneOnPostgres = (title: string): Requirement => ({ title, state: "done", needs: "PostgreSQL" });
const partial = (title: string): Requirement => ({ title, state: "partial" });
const planned = (title: string): Requirement => ({ title, state: "planned" });

export const requirements: Readonly<Record<string, Requirement>> = {
  "MEM-1": done("store a memory with all its fields; durable and searchable when the call returns"),
  "MEM-2": done("get, update, delete; refuse a stale version; keys unique in a space, written again they update"),
  "MEM-3": done("full history: who, when, what; diff, restore, undo of a delete"),
  "MEM-4": done("a corrected memory leaves every recall signal and stays in history"),
  "MEM-5": done("duplicates, exact and near; another number, date, name or identifier is another memory"),
  "MEM-6": done("bulk of 1,000, atomic or one by one; import of Markdown"),
  "MEM-7": done("lifetimes from ephemeral to permanent; what expired is never returned, then swept"),
  "MEM-8": done("entities and relations found on write without a model; neighbours within some hops"),
  "MEM-9": done("sessions: transcripts taken in step by step, searched, kept for a while"),
  "MEM-10": done("optional extraction by a model; recalled and injected text never captured again"),
  "MEM-11": done("provenance recorded by the server; trust levels; instruction-like text held back"),
  "MEM-12": done("contradictions about one attribute of one entity are linked and shown"),

  "REC-1": done("hybrid recall with scores in 0..1, in a stable order, equal on every engine"),
  "REC-2": done("filters before ranking in every signal, never starving what exists"),
  "REC-3": done("time phrases in the caller's zone; event time, record time, as-of"),
  "REC-4": done("reranker chosen per call: none, heuristic, cross-encoder"),
  "REC-5": done("explain: the share of each signal, and why permission was given"),
  "REC-6": done("token budget and deadline are kept; a late answer is partial and says so"),
  "REC-7": done("several spaces in one call, each result naming its own"),
  "REC-8": done("recall quality and speed against committed baselines; a regression fails"),
  "REC-9": done("every script and code identifiers are segmented and found"),

  "EMB-1": done("a built-in embedder with real similarity, offline"),
  "EMB-2": done("bge-small in a worker, fetched once, verified, with a fallback"),
  "EMB-3": done("OpenAI-compatible embeddings with batches, retries, metering"),
  "EMB-4": done("one fair embedding queue with batching, deduplication, cache"),
  "EMB-5": done("embedding as a service"),
  "EMB-6": done("another model for a live space, without a pause"),

  "ENG-1": done("embedded engine: one file a space, nothing acknowledged lost to kill -9"),
  "ENG-2": doneOnPostgres("PostgreSQL under forced row-level security; an unset space sees nothing"),
  "ENG-3": doneOnPostgres("one conformance suite, the same answers on both engines"),
  "ENG-4": planned("dedicated databases in object storage, mounted on demand under a lease"),
  "ENG-5": planned("encryption at rest with a key per space, rotation, client keys"),
  "ENG-6": done("a shared arena of vectors for hot spaces, within a byte budget"),
  "ENG-7": done("a million memories stay fast through a first pass that never lags"),
  "ENG-8": doneOnPostgres("the space first in every key; spaces move between cells"),

  "TEN-1": done("organisations, users, spaces; sign-up, sign-in, OpenID"),
  "TEN-2": done("API keys scoped to a space, shown once, stored as a keyed hash"),
  "TEN-3": done("short-lived tokens of ours and of a customer's provider"),
  "TEN-4": done("rate limits per key and tenant; no noisy neighbours"),
  "TEN-5": done("plans with limits, enforced before work is done"),
  "TEN-6": done("usage metered per tenant, space and key; survives a crash"),
  "TEN-7": planned("billing through Stripe, optional"),
  "TEN-8": done("hash-chained audit of reads, writes, denials, administration"),
  "TEN-9": planned("instant spaces: one call, expiring unless claimed"),
  "TEN-10": planned("export all, import again; hard delete with a signed receipt"),
  "TEN-11": planned("move between self-hosted and cloud without loss"),

  "COL-1": done("members with roles, invitations, removal at once"),
  "COL-2": done("private, organisation and public spaces with their own permissions"),
  "COL-3": planned("suggestions, reviewed with a diff, applied or in conflict"),
  "COL-4": planned("comments in threads, resolvable"),
  "COL-5": planned("activity feed, live"),
  "COL-6": planned("concurrent edits merge or both survive; guarded deletion"),
  "COL-7": planned("one memory shared with named people; masked fields"),
  "COL-8": planned("analytics of growth, use, staleness"),
  "COL-9": planned("Slack and Teams, signatures verified"),
  "COL-10": planned("search across projects; export with citations"),

  "SYN-1": planned("offline first: an agent never waits for the cloud"),
  "SYN-2": planned("push and pull by cursor, nothing missed or applied twice"),
  "SYN-3": partial("deterministic, convergent merge"),
  "SYN-4": planned("vectors travel with an equal model, else are rebuilt"),
  "SYN-5": planned("background sync with backoff, wake-up, status"),

  "FED-1": planned("vault spaces sealed on the device; the relay reads nothing"),
  "FED-2": planned("devices: pairing, signed log, revocation, recovery phrase"),
  "FED-3": planned("delta sync of sealed records; tampering and withholding detected"),
  "FED-4": planned("sharing with a public key; revocation rotates keys"),
  "FED-5": planned("proofs of existence without the content"),
  "FED-6": planned("differentially private analytics with a ledger"),
  "FED-7": planned("full recall on the device; export and delete everything"),

  "STA-1": planned("versioned state by key with TTL, listing, watch"),
  "STA-2": planned("linearizable on etcd, same semantics embedded and on PostgreSQL"),
  "STA-3": planned("compressed, chained, signed log segments in S3 or a folder"),
  "STA-4": planned("replay to any offset or time"),
  "STA-5": planned("one coherent interface over pools, store and log, with health"),

  "POL-1": planned("datasets in a hierarchy, nearest first"),
  "POL-2": planned("policy documents compiled to grants; deny wins; fail closed"),
  "POL-3": planned("drift between policy and grants found and repaired"),
  "POL-4": planned("write-through ingest with the source's access list"),
  "POL-5": planned("freshness: stale results marked and fetched again"),
  "POL-6": planned("retrieval backend per tenant: shadow, canary, rollback"),
  "POL-7": planned("metrics and audit of each allow and deny"),

  "API-1": done("TribalMemory's HTTP API; its clients work unchanged"),
  "API-2": planned("claw-memory's HTTP API; its clients work unchanged"),
  "API-3": partial("REST for everything, OpenAPI 3.1 from the validating schemas"),
  "API-4": planned("GraphQL with limits and subscriptions"),
  "API-5": planned("gRPC for state and memory, with watch"),
  "API-6": partial("MCP over stdio and HTTP"),
  "API-7": partial("the command line, and setup of each client's configuration"),
  "API-8": planned("OpenClaw plugin: recall and capture that never block a reply"),
  "API-9": planned("SDKs in four languages on shared vectors"),
  "API-10": done("one definition of an operation drives every interface"),

  "UI-1": planned("dashboard: memories, keys, members, usage, audit, sync"),
  "UI-2": planned("dashboard: review, comments, graph, charts"),
  "UI-3": planned("dashboard: keyboard, screen reader, dark, phone"),

  "OPS-1": done("two commands on a fresh machine: run it, test it"),
  "OPS-2": partial("container, Compose, Helm, Fly"),
  "OPS-3": planned("scheduled backups with verified restore"),
  "OPS-4": done("metrics, traces, logs without content, health"),
  "OPS-5": done("stateless servers scale out; graceful shutdown"),
  "OPS-6": planned("load, soak, fault and fuzz suites with figures"),
};
