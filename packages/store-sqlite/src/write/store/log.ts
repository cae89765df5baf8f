/** The log and its head, for the rules of writing. */
import { newId } from "@cairn/kernel/id";
import type { KeptChange, LogStore } from "@cairn/memory/write/write-store";
import type { OpenSpace } from "../../space/open-space.ts";

export const logStore = ({ write }: OpenSpace): LogStore => {
  const metaValue = (key: string): string | undefined =>
    write("SELECT value FROM meta WHERE key = ?").pluck().get(key) as string | undefined;
  const setMeta = (key: string, value: string): void => {
    write("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(
      key,
      value,
    );
  };
  const nameReplica = (): string => {
    const replica = newId();
    setMeta("replica", replica);
    return replica;
  };
  return {
    logHead: () => ({
      replica: metaValue("replica") ?? nameReplica(),
      counter: Number(metaValue("counter") ?? "0"),
      clock: metaValue("clock"),
    }),
    setLogHead: (counter, clock) => {
      setMeta("counter", String(counter));
      setMeta("clock", clock);
    },
    appendChange: (change) =>
      Number(
        write(
          "INSERT INTO changes (replica, counter, clock, at, kind, subject, version, principal, agent, fields, overwrites) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ).run(
          change.replica,
          change.counter,
          change.clock,
          change.at,
          change.kind,
          change.subject,
          change.version,
          change.principal,
          change.agent,
          change.fields,
          change.overwrites,
        ).lastInsertRowid,
      ),
    changesOf: (subject) =>
      write(
        "SELECT replica, counter, at, kind, version, principal, agent, fields FROM changes WHERE subject = ? ORDER BY seq",
      ).all(subject) as KeptChange[],
    eraseChanges: (subject) => {
      write("UPDATE changes SET fields = NULL, overwrites = NULL WHERE subject = ?").run(subject);
    },
  };
};
