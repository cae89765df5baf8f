/**
 * Writes what the true run of the rules left in the overlay: a few statements over arrays, whatever the number of
 * memories, all sent together. Their order is that of the foreign keys.
 */
import { foldAuthor } from "@cairn/memory/recall/entry";
import { cellsOfMemory, memoryColumns } from "@cairn/memory/space/memory-row";
import type { Connection, Value } from "../connection/pool.ts";
import { nameHash } from "../space/name-hash.ts";
import type { MemoryRecord } from "./facts.ts";
import { flushSessions } from "./flush-sessions.ts";
import { flushVectors } from "./flush-vectors.ts";
import { type Column, insert, type Send } from "./insert-rows.ts";
import type { Overlay } from "./overlay.ts";

/** The text of an array of texts, as PostgreSQL reads it. */
const arrayText = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`).join(",")}}`;

const integers = new Set(["version"]);
const doubles = new Set(["session_seq", "importance", "confidence"]);
const bigs = new Set([
  "occurred_at",
  "valid_from",
  "valid_until",
  "expires_at",
  "created_at",
  "updated_at",
  "quarantined_at",
]);
const typeOf = (column: string): string => {
  if (column === "tags") return "text[]";
  if (integers.has(column)) return "integer";
  if (doubles.has(column)) return "double precision";
  return bigs.has(column) ? "bigint" : "text";
};
const memoryRowColumns: readonly Column[] = [
  ["row", "bigint"],
  ["doc", "bigint"],
  ["state", "smallint"],
  ["identity", "bytea"],
  ["near", "bytea"],
  ["author_key", "text"],
  ...memoryColumns.map((name): Column => [name, typeOf(name)]),
];
const memoryRow = ({ row, doc, state, identity, near, memory }: MemoryRecord): readonly Value[] => {
  const cells = cellsOfMemory(memory);
  return [
    row,
    doc,
    state,
    identity,
    near,
    memory.author === null ? null : foldAuthor(memory.author),
    ...memoryColumns.map((name) => (name === "tags" ? arrayText(memory.tags) : cells[name])),
  ];
};
const memoryUpdate = `ON CONFLICT (space, row) DO UPDATE SET ${memoryRowColumns
  .slice(1)
  .map(([name]) => `${name} = excluded.${name}`)
  .join(", ")}`;

const flushMemories = (send: Send, space: string, { memories }: Overlay): void => {
  const { touched, deleted, tags, isNew } = memories;
  const changed = [...touched.values()].filter(({ row }) => !isNew(row));
  const added = [...touched.values()].filter(({ row }) => isNew(row));
  // What gives a key away goes before what takes it.
  const freed = [...changed.map(({ row }) => row), ...deleted];
  if (freed.length > 0)
    send("UPDATE memories SET key = NULL WHERE space = $1 AND row = ANY($2::bigint[]) AND key IS NOT NULL", [
      space,
      freed,
    ]);
  insert(send, space, "memories", memoryRowColumns, changed.map(memoryRow), memoryUpdate);
  insert(send, space, "memories", memoryRowColumns, added.map(memoryRow));
  const retagged = [...tags.keys()].filter((row) => !isNew(row));
  if (retagged.length > 0)
    send("DELETE FROM memory_tags WHERE space = $1 AND memory = ANY($2::bigint[])", [space, retagged]);
  insert(
    send,
    space,
    "memory_tags",
    [
      ["tag", "text"],
      ["memory", "bigint"],
    ],
    [...tags].flatMap(([row, list]) => (deleted.has(row) ? [] : [...new Set(list)].map((tag) => [tag, row]))),
  );
};

const flushDocuments = (send: Send, space: string, { documents }: Overlay): void => {
  const { inserted, closed, erased, names, termsOf, stale } = documents;
  insert(
    send,
    space,
    "names",
    [
      ["id", "integer"],
      ["hash", "uuid"],
      ["name", "text"],
      ["terms", "integer[]"],
    ],
    [...names].map(([name, id]) => {
      const terms = termsOf(name);
      return [id, nameHash(name), name, terms === null ? null : `{${terms.join(",")}}`];
    }),
  );
  insert(
    send,
    space,
    "docs",
    [
      ["n", "bigint"],
      ["seq", "bigint"],
      ["kind", "smallint"],
      ["owner", "bigint"],
      ["version", "integer"],
      ["from_at", "bigint"],
      ["to_at", "bigint"],
      ["entry", "bytea"],
    ],
    [...inserted].map(([n, { seq, kind, owner, version, from, to, entry }]) => [
      n,
      seq,
      kind,
      owner,
      version,
      from,
      to,
      entry,
    ]),
  );
  const ended = [...closed].filter(([n]) => !erased.has(n));
  if (ended.length > 0)
    send(
      `UPDATE docs SET seq = done.seq, to_at = done.to_at FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS done (n, seq, to_at)
       WHERE docs.space = $1 AND docs.n = done.n`,
      [space, ended.map(([n]) => n), ended.map(([, { seq }]) => seq), ended.map(([, { to }]) => to)],
    );
  if (erased.size > 0)
    send(
      `UPDATE docs SET seq = gone.seq, to_at = 0, entry = NULL FROM unnest($2::bigint[], $3::bigint[]) AS gone (n, seq)
       WHERE docs.space = $1 AND docs.n = gone.n`,
      [space, [...erased.keys()], [...erased.values()]],
    );
  insert(
    send,
    space,
    "stale_names",
    [["id", "integer"]],
    [...stale].map((id) => [id]),
    "ON CONFLICT DO NOTHING",
  );
};

const flushKnowledge = (send: Send, space: string, { knowledge, memories }: Overlay): void => {
  const { said, dropped, entities, types, deletedEntities } = knowledge;
  if (dropped.size > 0) {
    const rows = [...dropped];
    for (const table of ["mentions", "relations", "aliases", "claims", "conflicts"])
      send(`DELETE FROM ${table} WHERE space = $1 AND memory = ANY($2::bigint[])`, [space, rows]);
    send("DELETE FROM conflicts WHERE space = $1 AND other = ANY($2::bigint[])", [space, rows]);
  }
  if (deletedEntities.size > 0)
    send("DELETE FROM entities WHERE space = $1 AND id = ANY($2::bigint[])", [space, [...deletedEntities]]);
  insert(
    send,
    space,
    "entities",
    [
      ["id", "bigint"],
      ["norm", "text"],
      ["name", "text"],
      ["type", "text"],
    ],
    [...entities]
      .filter(([id]) => !deletedEntities.has(id))
      .map(([id, { norm, name, type }]) => [id, norm, name, types.get(id) ?? type]),
  );
  const retyped = [...types].filter(([id]) => !entities.has(id) && !deletedEntities.has(id));
  if (retyped.length > 0)
    send(
      `UPDATE entities SET type = new.type FROM unnest($2::bigint[], $3::text[]) AS new (id, type)
       WHERE entities.space = $1 AND entities.id = new.id`,
      [space, retyped.map(([id]) => id), retyped.map(([, type]) => type)],
    );
  const kept = [...said].filter(([memory]) => !memories.deleted.has(memory));
  insert(
    send,
    space,
    "aliases",
    [
      ["norm", "text"],
      ["entity", "bigint"],
      ["memory", "bigint"],
      ["name", "text"],
    ],
    kept.flatMap(([memory, { aliases }]) =>
      [...aliases.values()].map(({ norm, entity, name }) => [norm, entity, memory, name]),
    ),
  );
  insert(
    send,
    space,
    "mentions",
    [
      ["entity", "bigint"],
      ["memory", "bigint"],
    ],
    kept.flatMap(([memory, { mentions }]) => [...mentions].map((entity) => [entity, memory])),
  );
  insert(
    send,
    space,
    "relations",
    [
      ["source", "bigint"],
      ["target", "bigint"],
      ["type", "text"],
      ["memory", "bigint"],
    ],
    kept.flatMap(([memory, { relations }]) =>
      [...relations.values()].map(({ source, target, type }) => [source, target, type, memory]),
    ),
  );
  insert(
    send,
    space,
    "claims",
    [
      ["entity", "text"],
      ["attribute", "text"],
      ["memory", "bigint"],
      ["value", "text"],
      ["negated", "boolean"],
    ],
    kept.flatMap(([memory, { claims }]) =>
      [...claims.values()].map(({ entity, attribute, value, negated }) => [entity, attribute, memory, value, negated]),
    ),
  );
  insert(
    send,
    space,
    "conflicts",
    [
      ["memory", "bigint"],
      ["other", "bigint"],
    ],
    kept.flatMap(([memory, { conflicts }]) => [...conflicts].map((other) => [memory, other])),
    "ON CONFLICT DO NOTHING",
  );
  if (memories.deleted.size > 0)
    send("DELETE FROM memories WHERE space = $1 AND row = ANY($2::bigint[])", [space, [...memories.deleted]]);
};

const flushLog = (send: Send, space: string, { log }: Overlay): void => {
  if (log.erased.size > 0)
    send("UPDATE changes SET fields = NULL, overwrites = NULL WHERE space = $1 AND subject = ANY($2::text[])", [
      space,
      [...log.erased],
    ]);
  insert(
    send,
    space,
    "changes",
    [
      ["seq", "bigint"],
      ["replica", "text"],
      ["counter", "bigint"],
      ["clock", "text"],
      ["at", "bigint"],
      ["kind", "text"],
      ["subject", "text"],
      ["version", "integer"],
      ["principal", "text"],
      ["agent", "text"],
      ["fields", "text"],
      ["overwrites", "text"],
    ],
    [...log.appended].map(([seq, change]) => [
      seq,
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
    ]),
  );
};

const flushState = (send: Send, space: string, { numbers, log }: Overlay): void => {
  const { counter, clock } = log.head();
  send(
    `UPDATE space_state SET seq = $2, last_row = $3, last_doc = $4, last_entity = $5, last_name = $6, last_late = $7,
       texts = $8, counter = $9, clock = $10 WHERE space = $1`,
    [
      space,
      numbers.seq,
      numbers.row,
      numbers.doc,
      numbers.entity,
      numbers.name,
      numbers.late,
      numbers.texts,
      counter,
      clock,
    ],
  );
};

/** Throws the database's errors; the transaction is the caller's to end. */
export const flush = async (connection: Connection, space: string, overlay: Overlay): Promise<void> => {
  const sent: Promise<number>[] = [];
  const send: Send = (sql, values) => void sent.push(connection.change(sql, values));
  flushMemories(send, space, overlay);
  flushDocuments(send, space, overlay);
  flushVectors(send, space, overlay);
  flushLog(send, space, overlay);
  flushSessions(send, space, overlay);
  flushKnowledge(send, space, overlay);
  flushState(send, space, overlay);
  await Promise.all(sent);
};
