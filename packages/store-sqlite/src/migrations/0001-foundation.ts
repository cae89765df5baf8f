/** The first schema of a space's file. Never edited once released: later changes are later migrations. */
export const foundation = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

-- Numbers for terms and facet values. AUTOINCREMENT: a number is never given twice.
CREATE TABLE names (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT;

-- Names that a purge may have left without a holder.
CREATE TABLE stale_names (id INTEGER PRIMARY KEY) STRICT;

-- The current state of each memory. state: 0 live, 1 superseded, 2 deleted.
CREATE TABLE memories (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  doc INTEGER NOT NULL,
  version INTEGER NOT NULL,
  -- Hashes that exact and near duplicates share (memory/duplicate.ts).
  identity BLOB NOT NULL,
  near BLOB NOT NULL,
  content TEXT NOT NULL,
  key TEXT,
  category TEXT,
  entity TEXT,
  tags TEXT NOT NULL,
  metadata TEXT,
  context TEXT,
  author TEXT,
  session_id TEXT,
  session_seq REAL,
  source_instance TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source_uri TEXT,
  trust TEXT NOT NULL,
  importance REAL,
  confidence REAL NOT NULL,
  occurred_at INTEGER,
  valid_from INTEGER,
  valid_until INTEGER,
  expires_at INTEGER,
  decay TEXT,
  supersedes TEXT,
  superseded_by TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT;
CREATE INDEX memories_supersedes ON memories (supersedes) WHERE supersedes IS NOT NULL;
CREATE UNIQUE INDEX memories_key ON memories (key) WHERE state = 0 AND key IS NOT NULL;
CREATE INDEX memories_identity ON memories (identity) WHERE state = 0;
CREATE INDEX memories_near ON memories (near) WHERE state = 0;
CREATE INDEX memories_created ON memories (created_at, row) WHERE state = 0;
CREATE INDEX memories_expires ON memories (expires_at) WHERE state = 0 AND expires_at IS NOT NULL;
CREATE INDEX memories_session ON memories (session_id, session_seq) WHERE state = 0 AND session_id IS NOT NULL;
CREATE INDEX memories_deleted ON memories (updated_at) WHERE state = 2;

CREATE TABLE memory_tags (tag TEXT NOT NULL, memory INTEGER NOT NULL, PRIMARY KEY (tag, memory)) WITHOUT ROWID, STRICT;
CREATE INDEX memory_tags_memory ON memory_tags (memory);

-- What search reads: one row a version of a memory (kind 1) or a session chunk (kind 2). entry: NULL once erased.
CREATE TABLE docs (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  version INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER,
  entry BLOB
) STRICT;
CREATE INDEX docs_seq ON docs (seq);
CREATE INDEX docs_owner ON docs (owner, kind);

-- Vectors of a document's chunks: id = n * 1024 + chunk.
CREATE TABLE q8 (id INTEGER PRIMARY KEY, scale REAL NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE v (id INTEGER PRIMARY KEY, f32 BLOB NOT NULL) STRICT;

-- The log. fields and overwrites are NULL once purged.
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  replica TEXT NOT NULL,
  counter INTEGER NOT NULL,
  clock TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL,
  principal TEXT NOT NULL,
  agent TEXT NOT NULL,
  fields TEXT,
  overwrites TEXT,
  UNIQUE (replica, counter)
) STRICT;
CREATE INDEX changes_subject ON changes (subject, seq);

CREATE TABLE entities (
  id INTEGER PRIMARY KEY,
  norm TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  type TEXT NOT NULL
) STRICT;
CREATE TABLE aliases (norm TEXT NOT NULL, entity INTEGER NOT NULL, memory INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (norm, entity, memory)) WITHOUT ROWID, STRICT;
CREATE INDEX aliases_memory ON aliases (memory);
CREATE TABLE mentions (entity INTEGER NOT NULL, memory INTEGER NOT NULL, PRIMARY KEY (entity, memory)) WITHOUT ROWID, STRICT;
CREATE INDEX mentions_memory ON mentions (memory);
CREATE TABLE relations (
  source INTEGER NOT NULL, target INTEGER NOT NULL, type TEXT NOT NULL, memory INTEGER NOT NULL,
  PRIMARY KEY (source, target, type, memory)
) WITHOUT ROWID, STRICT;
CREATE INDEX relations_target ON relations (target, source);
CREATE INDEX relations_memory ON relations (memory);

CREATE TABLE claims (
  memory INTEGER NOT NULL, entity TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL, negated INTEGER NOT NULL,
  PRIMARY KEY (entity, attribute, memory, value)
) WITHOUT ROWID, STRICT;
CREATE INDEX claims_memory ON claims (memory);
CREATE TABLE conflicts (memory INTEGER NOT NULL, other INTEGER NOT NULL, PRIMARY KEY (memory, other)) WITHOUT ROWID, STRICT;
CREATE INDEX conflicts_other ON conflicts (other);

CREATE TABLE session_messages (
  session TEXT NOT NULL, position INTEGER NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL, at INTEGER NOT NULL,
  timed INTEGER NOT NULL, instance TEXT NOT NULL, PRIMARY KEY (session, position)
) WITHOUT ROWID, STRICT;
CREATE TABLE session_chunks (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  session TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  instance TEXT NOT NULL,
  content TEXT NOT NULL,
  start_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  doc INTEGER NOT NULL,
  UNIQUE (session, chunk)
) STRICT;
CREATE INDEX session_chunks_end ON session_chunks (end_at);
`;
