/**
 * Writes what the true run of the rules left in the overlay: a few statements over arrays, whatever the number of
 * memories, all sent together. Their order is that of the foreign keys.
 */
import { foldAuthor } from "@cairn/memory/recall/entry";
import { cellsOfMemory, memoryColumns } from "@cairn/memory/space/memory-row";
import { quantizeRow } from "@cairn/store/arena/quantize";
import type { Connection, Value } from "../connection/pool.ts";
import { nameHash } from "../space/name-hash.ts";
import { bytesOf } from "../space/vector-bytes.ts";
import type { MemoryRecord } from "./facts.ts";
import type { Overlay } from "./overlay.ts";

/** A document has at most this many vectors. */
export const chunksPerDoc = 1024;

type Send = (sql: string, values: readonly Value[]) => void;
type Column = readonly [name: string, type: string];

/** `INSERT … SELECT FROM unnest(…)` of rows given as arrays of values. */
const insert = (
  send: Send,
  space: string,
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly Value[])[],
  onConflict = "",
): void => {
  if (rows.length === 0) return;
  const names = columns.map(([name]) => name).join(", ");
  // A list within a list is no rectangle in PostgreSQL: it goes as the text of one.
  const given = columns.map(([, type], at) => `$${at + 2}::${type === "text[]" ? "text" : type}[]`).join(", ");
  const taken = columns.map(([name, type]) => (type === "text[]" || type === "integer[]" ? `${name}::${type}` : name));
  send(
    `INSERT INTO ${table} (space, ${names}) SELECT $1, ${taken.join(", ")} FROM unnest(${given.replaceAll("integer[][]", "text[]")}) AS new (${names}) ${onConflict}`,
    [space, ...columns.map((_, at) => rows.map((row) => row[at] as string))],
  );
};

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

const placed: readonly Column[] = [
  ["generation", "integer"],
  ["doc", "bigint"],
];
const chunkColumns: readonly Column[] = [...placed, ["chunk", "smallint"]];

/** Where the rows of document `w.doc` in the set `w.generation` lie. */
const ofDocument = (table: string): string =>
  `SELECT ctid AS at FROM ${table} WHERE space = $1 AND generation = w.generation
   ${table === "awaiting_vectors" ? "AND rank IN (0, 1, 2)" : ""} AND doc = w.doc OFFSET 0`;
/** The same of the documents `$2` in every set there has been: the keys begin with the set. */
const rowsOfDocs = (table: string): string =>
  `ARRAY(SELECT t.at FROM space_state s CROSS JOIN LATERAL (
     SELECT g.n AS generation, d.n AS doc FROM generate_series(1, s.last_generation) AS g (n)
     CROSS JOIN unnest($2::bigint[]) AS d (n)
   ) w CROSS JOIN LATERAL (${ofDocument(table)}) t WHERE s.space = $1)`;
const erase = (table: string): string => `DELETE FROM ${table} WHERE space = $1 AND ctid = ANY (${rowsOfDocs(table)})`;

const flushVectors = (send: Send, space: string, { vectors }: Overlay): void => {
  const { stored, copied, awaiting, wordless, stopped, last, erased, late } = vectors;
  if (last.size > 0)
    send(
      `UPDATE awaiting_vectors SET rank = 2 WHERE space = $1 AND rank <> 2
       AND ctid = ANY (${rowsOfDocs("awaiting_vectors")})`,
      [space, [...last]],
    );
  if (stopped.size > 0)
    send(
      `DELETE FROM awaiting_vectors WHERE space = $1 AND ctid = ANY (ARRAY(
         SELECT t.at FROM unnest($2::integer[], $3::bigint[]) AS w (generation, doc)
         CROSS JOIN LATERAL (${ofDocument("awaiting_vectors")}) t
       ))`,
      [space, [...stopped.values()].map(({ generation }) => generation), [...stopped.values()].map(({ doc }) => doc)],
    );
  const rows = [...stored.values()].flatMap(({ generation, doc, vectors: list }) =>
    list.slice(0, chunksPerDoc).map((vector, chunk) => ({ generation, doc, chunk, vector, row: quantizeRow(vector) })),
  );
  insert(
    send,
    space,
    "q8",
    [...chunkColumns, ["scale", "double precision"], ["bytes", "bytea"]],
    rows.map(({ generation, doc, chunk, row }) => [generation, doc, chunk, row.scale, bytesOf(row.bytes)]),
  );
  insert(
    send,
    space,
    "f32",
    [...chunkColumns, ["bytes", "bytea"]],
    rows.map(({ generation, doc, chunk, vector }) => [generation, doc, chunk, bytesOf(vector)]),
  );
  if (copied.size > 0) {
    const all = [...copied.values()];
    const values = [
      space,
      all.map(({ generation }) => generation),
      all.map(({ doc }) => doc),
      all.map(({ from }) => from),
    ];
    for (const [table, columns] of [
      ["q8", "chunk, scale, bytes"],
      ["f32", "chunk, bytes"],
    ])
      send(
        `INSERT INTO ${table} (space, generation, doc, ${columns}) SELECT $1, c.generation, c.doc, ${columns}
         FROM unnest($2::integer[], $3::bigint[], $4::bigint[]) AS c (generation, doc, source) CROSS JOIN LATERAL (
           SELECT ${columns} FROM ${table} WHERE space = $1 AND generation = c.generation AND doc = c.source OFFSET 0
         ) t`,
        values,
      );
  }
  // What is erased may have been copied before.
  if (erased.size > 0)
    for (const table of ["q8", "f32", "awaiting_vectors", "wordless"]) send(erase(table), [space, [...erased]]);
  insert(
    send,
    space,
    "awaiting_vectors",
    [...placed, ["rank", "smallint"]],
    [...awaiting.values()].map(({ generation, doc, rank }) => [generation, doc, rank]),
  );
  insert(
    send,
    space,
    "wordless",
    placed,
    [...wordless.values()].map(({ generation, doc }) => [generation, doc]),
    "ON CONFLICT DO NOTHING",
  );
  insert(
    send,
    space,
    "late_vectors",
    [
      ["seq", "bigint"],
      ["doc", "bigint"],
    ],
    [...late],
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

const flushSessions = (send: Send, space: string, { sessions }: Overlay): void => {
  const { messages, chunks, removed, extractions } = sessions;
  if (removed.size > 0)
    for (const table of ["session_messages", "session_chunks", "extractions"])
      send(`DELETE FROM ${table} WHERE space = $1 AND session = ANY($2::text[])`, [space, [...removed]]);
  insert(
    send,
    space,
    "session_messages",
    [
      ["session", "text"],
      ["position", "integer"],
      ["role", "text"],
      ["content", "text"],
      ["at", "bigint"],
      ["timed", "boolean"],
      ["instance", "text"],
    ],
    messages.flatMap(({ session, from, messages: list, instance }) =>
      list.map(({ role, content, at, timed }, index) => [session, from + index, role, content, at, timed, instance]),
    ),
  );
  insert(
    send,
    space,
    "session_chunks",
    [
      ["row", "bigint"],
      ["id", "text"],
      ["session", "text"],
      ["chunk", "integer"],
      ["instance", "text"],
      ["content", "text"],
      ["start_at", "bigint"],
      ["end_at", "bigint"],
      ["doc", "bigint"],
    ],
    [...chunks.values()].map(({ chunk, row, doc }) => [
      row,
      chunk.chunkId,
      chunk.sessionId,
      chunk.chunkIndex,
      chunk.instanceId,
      chunk.content,
      chunk.startTime,
      chunk.endTime,
      doc,
    ]),
    `ON CONFLICT (space, row) DO UPDATE SET instance = excluded.instance, content = excluded.content,
       start_at = excluded.start_at, end_at = excluded.end_at, doc = excluded.doc`,
  );
  insert(
    send,
    space,
    "extractions",
    [
      ["session", "text"],
      ["position", "integer"],
      ["prompt", "text"],
      ["attempts", "integer"],
      ["next_at", "bigint"],
    ],
    [...extractions].map(([session, { position, prompt, attempts, nextAt }]) => [
      session,
      position,
      prompt,
      attempts,
      nextAt,
    ]),
    `ON CONFLICT (space, session) DO UPDATE SET position = excluded.position, prompt = excluded.prompt,
       attempts = excluded.attempts, next_at = excluded.next_at`,
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
