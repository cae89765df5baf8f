/** What an operation may use while it runs. Data is reached only through `space`-bound handles of the engine. */
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import type { Clock, Millis } from "@cairn/kernel/clock";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { Engine } from "@cairn/memory/space/engine";

export interface Services {
  readonly engine: Engine;
  readonly embedder: Embedder;
  readonly directory: SpaceDirectory;
  readonly clock: Clock;
  readonly settings: ServiceSettings;
}

export interface ServiceSettings {
  /** This server's or agent's instance id: `source_instance` of what is written here. */
  readonly instance: string;
  readonly version: string;
  readonly sessionRetentionMs: Millis;
  /** How long a deleted memory can be brought back. */
  readonly deletedRetentionMs: Millis;
  readonly recallLimit: number;
}

/** Who calls, as the edge established it. On loopback without keys there is one person: `local`. */
export interface Caller {
  readonly principal: string;
  readonly instance: string;
  readonly requestId: string;
  readonly edge: "rest" | "mcp" | "cli";
  /** The space of calls that name none: the key's space, or `default`. */
  readonly defaultSpace: string;
}

export interface CallContext extends Services {
  readonly caller: Caller;
  /**
   * Resolves a space's id or name to the id of a space that the caller may use as the operation's permission says;
   * absent: the caller's default space. Throws space.not_found, also for spaces that exist but are not the caller's.
   */
  readonly space: (nameOrId?: string) => Promise<string>;
}
