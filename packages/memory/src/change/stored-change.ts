/** A change as a log's table keeps it becomes the change that readers of the log see. */
import type { LogEntry } from "../write/write-store.ts";
import type { Change, Dot } from "./change.ts";

export type StoredChange = LogEntry & Pick<Change, "seq">;

/** What was purged has no fields. */
export const changeOf = ({ replica, counter, fields, overwrites, ...rest }: StoredChange): Change => {
  const values = JSON.parse(fields ?? "{}") as Record<string, Change["fields"][string]["value"]>;
  const dots = JSON.parse(overwrites ?? "{}") as Record<string, readonly Dot[]>;
  const changed = Object.entries(values).map(
    ([name, value]) => [name, { value, overwrites: dots[name] ?? [] }] as const,
  );
  return { ...rest, dot: { replica, counter }, fields: Object.fromEntries(changed) };
};
