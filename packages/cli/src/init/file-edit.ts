/**
 * What `cairn init` and `cairn uninit` are about to do to one file. A plan is made of these before anything is
 * written, so that a broken file stops the command while every file is still as it was, and so that `--dry-run`
 * and the shown diff come from exactly what would be written.
 */
export const clients = ["claude-code", "claude-desktop", "codex"] as const;
export type Client = (typeof clients)[number];

/** How a client starts a program: no shell in between, each argument as it is. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

/** What is stored for one MCP server, as all three clients understand it. */
export interface ServerEntry {
  readonly launch: Launch;
  /** Variables that the user asked for by name: they replace what is there. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that are only filled in where the entry has none of that name. */
  readonly envDefaults: Readonly<Record<string, string>>;
}

export type Outcome =
  | "connected"
  | "updated"
  | "already-connected"
  | "disconnected"
  | "not-connected"
  /** Cairn's own settings, from another product's. */
  | "settings-taken"
  | "settings-already-taken"
  | "settings-removed"
  | "no-settings-taken";

export interface FileEdit {
  readonly client: Client | "cairn";
  /** The file as its client names it; it may be a symbolic link. */
  readonly path: string;
  /** The file that is written: `path` with links followed. */
  readonly target: string;
  /** Its text now, byte order mark and line endings as they are; `null` when there is no file. */
  readonly before: string | null;
  /** Its text afterwards; `null` when the file goes because Cairn alone had made it. */
  readonly after: string | null;
  readonly outcome: Outcome;
  /** Permissions of the file when it is new; an existing file keeps its own. */
  readonly mode: number;
}

export const clientNames: Readonly<Record<FileEdit["client"], string>> = {
  "claude-code": "Claude Code",
  "claude-desktop": "Claude Desktop",
  codex: "Codex",
  cairn: "Cairn",
};

/** What is said about an edit once it is applied, or would be with `--dry-run`. */
export const outcomeTexts: Readonly<Record<Outcome, string>> = {
  connected: "connected",
  updated: "connection brought up to date",
  "already-connected": "already connected",
  disconnected: "disconnected",
  "not-connected": "not connected, nothing to do",
  "settings-taken": "settings taken over from TribalMemory",
  "settings-already-taken": "settings already taken over",
  "settings-removed": "settings from TribalMemory removed",
  "no-settings-taken": "no settings from TribalMemory, nothing to do",
};

export const changesFile = (edit: FileEdit): boolean => edit.before !== edit.after;
