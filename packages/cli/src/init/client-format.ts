/** How one kind of configuration file holds the entry that starts Cairn. Pure: text in, text out. */
import type { ServerEntry } from "./file-edit.ts";

export interface Connected {
  readonly text: string;
  readonly outcome: "connected" | "updated" | "already-connected";
}

export interface ClientFormat {
  /** The text with the entry in it; `null` stands for a file that is not there. Refuses broken text. */
  readonly connect: (source: string | null, entry: ServerEntry, path: string) => Connected;
  /** The text without the entry, or `null` when it has none. Refuses broken text. */
  readonly disconnect: (source: string, path: string) => string | null;
  /** The entry as it stands, every variable as one asked for; `null` when there is none or it is not by command. */
  readonly read: (source: string, path: string) => ServerEntry | null;
}
