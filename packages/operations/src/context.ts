/** What an operation may use while it runs. Data is reached only through `space`-bound handles of the engine. */
import type { Peppers } from "@cairn/directory/keys/key-hash";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import type { Tenants } from "@cairn/directory/tenants";
import type { Clock, Millis } from "@cairn/kernel/clock";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Reason } from "@cairn/memory/permission/decide";
import type { Identity } from "@cairn/memory/permission/identity";
import type { SpaceAction } from "@cairn/memory/permission/permission";
import type { Plans } from "@cairn/memory/plan/plan";
import type { PairScorer, RerankMode } from "@cairn/memory/recall/reranker";
import type { Engine } from "@cairn/memory/space/engine";
import type { RateState } from "./limits.ts";
import type { TokenIssuer } from "./token-issuer.ts";
import type { EmbeddingFigures } from "./operations/embedder/figures.ts";

/** Numbers for operators by name, such as `bytes`; names are stable. */
export type Figures = Readonly<Record<string, number>>;

export interface Services {
  readonly engine: Engine;
  /** The model that the settings chose: of new spaces, and of old ones once they have changed over (EMB-6). */
  readonly embedder: Embedder;
  /**
   * Whether spaces of another model change over to `embedder`. False while the built-in one only stands in for a model
   * that could not be opened: one that is back tomorrow must not cost every space its vectors.
   */
  readonly changesModels: boolean;
  /** An embedder of a space's own model, by the model's id; null when this server has none. */
  readonly embedderOf: (model: string) => Promise<Embedder | null>;
  /** Null when no cross-encoder is configured. */
  readonly pairScorer: PairScorer | null;
  /** Something was stored without vectors; they are made in the background, also after a restart. */
  readonly vectorsDue: (space: string) => void;
  readonly embeddingFigures: () => EmbeddingFigures;
  /** Of the memory that holds the vectors of spaces in use (ENG-6). */
  readonly poolFigures: () => Figures;
  readonly directory: SpaceDirectory;
  readonly tenants: Tenants;
  /** Absent where no tokens are issued (TEN-3). */
  readonly tokenIssuer?: TokenIssuer;
  /** Sends an invitation to its address (COL-1). Absent where nothing can be sent. Throws mail.unavailable. */
  readonly invite?: SendInvitation;
  /** What keys are hashed with, once one is made (TEN-2); absent where none are. */
  readonly keyPeppers?: () => Promise<Peppers>;
  readonly clock: Clock;
  /** Those of the settings; absent: the one of a server of one's own. */
  readonly plans?: Plans;
  readonly settings: ServiceSettings;
}

/** What an invitation's mail is made of. The token goes nowhere else. */
export interface InvitationMail {
  readonly email: string;
  readonly organisationName: string;
  readonly token: string;
  /** The principal that invites. */
  readonly invitedBy: string;
  readonly expiresAt: Millis;
}
export type SendInvitation = (invitation: InvitationMail) => Promise<void>;

export interface ServiceSettings {
  /** This server's or agent's instance id: `source_instance` of what is written here. */
  readonly instance: string;
  readonly version: string;
  readonly sessionRetentionMs: Millis;
  /** How long a deleted memory can be brought back. */
  readonly deletedRetentionMs: Millis;
  readonly recallLimit: number;
  /** How long a write waits for its vectors before it is stored without them. */
  readonly embeddingDeadlineMs: Millis;
  /** Where neither the call nor the space says. */
  readonly rerank: RerankMode;
}

/** Who calls, as the edge established it. On loopback without sign-in there is one person: `local`. */
export interface Caller {
  readonly identity: Identity;
  /** Recorded as `source_instance`: what the credential is bound to, or the server's own name. */
  readonly instance: string;
  readonly requestId: string;
  readonly edge: "rest" | "mcp" | "cli";
  /** The space of calls that name none: the key's space, or `default`. */
  readonly defaultSpace: string;
  /** The network address that the call came from; null: this machine's shell. */
  readonly address: string | null;
  /** Who calls now: asked again where the call had to wait. Throws what identifying throws. */
  readonly identifyAgain?: () => Promise<Identity>;
  /** Told of each space that the call uses. */
  readonly usesSpace?: (space: string) => void;
  /** Told of how much of its rate the caller has left (TEN-4). */
  readonly seesRates?: (rates: readonly RateState[]) => void;
}

export interface CallContext extends Services {
  readonly caller: Caller;
  /** The organisation that the call acts in. Throws auth.required where there is none. */
  readonly organisation: string;
  /** Of this call, for the transaction that writes; undefined where nothing is audited. */
  readonly note: AuditEntry | undefined;
  /**
   * Resolves a space's id or name to the id of a space that the caller may use as the operation's permission says;
   * absent: the caller's default space. Throws space.not_found, also for spaces that exist but are not the caller's.
   */
  readonly space: (nameOrId?: string) => Promise<string>;
  /** Whether the caller may do more to a space that it was given by `space`. */
  readonly may: (action: SpaceAction, space: string) => Promise<boolean>;
  /** Why the caller may use a space that it was given by `space` (REC-5). */
  readonly reasonFor: (space: string) => Reason | null;
}
