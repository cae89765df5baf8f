/**
 * The first schema of the cloud engine. Never edited once released: later changes are later migrations.
 *
 * Every table begins with the space, in its primary key and its foreign keys, so that no query crosses spaces and the
 * tables can be distributed by it unchanged. Row-level security is forced on each (`0001` ends with it): what a
 * transaction has not bound with `app.space` it neither sees nor writes. Only operators that are leakproof are used in
 * conditions (equality and order of numbers, text and uuid), so that the policies do not keep indexes from being used.
 *
 * Texts are compared byte by byte (`COLLATE "C"`), as the embedded engine does. Times are milliseconds since 1970 UTC.
 */
export const foundation = `
-- One row a space. Writers lock it, which puts them in order; readers compare what they know with it.
CREATE TABLE space_state (
  space uuid PRIMARY KEY,
  -- The last numbers given out: of changes, memories and chunks, documents, entities, lexicon entries, late vectors.
  seq bigint NOT NULL DEFAULT 0,
  last_row bigint NOT NULL DEFAULT 0,
  last_doc bigint NOT NULL DEFAULT 0,
  last_entity bigint NOT NULL DEFAULT 0,
  last_name integer NOT NULL DEFAULT 0,
  last_late bigint NOT NULL DEFAULT 0,
  -- How many texts there are: documents whose entry is not erased.
  texts bigint NOT NULL DEFAULT 0,
  -- This log's part in dots, its counter and its hybrid clock.
  replica text COLLATE "C" NOT NULL,
  counter bigint NOT NULL DEFAULT 0,
  clock text COLLATE "C",
  analyzer text COLLATE "C" NOT NULL,
  -- The model whose vectors questions are compared with, and the one that the space changes to; a generation is one
  -- set of vectors, and is never used for another.
  model text COLLATE "C",
  model_dimensions integer,
  model_provider text COLLATE "C",
  generation integer NOT NULL DEFAULT 1,
  next_model text COLLATE "C",
  next_dimensions integer,
  next_provider text COLLATE "C",
  next_generation integer,
  last_generation integer NOT NULL DEFAULT 1,
  -- The partition that holds the space's nearest-neighbour index; 0 while it is small and has none.
  part integer NOT NULL DEFAULT 0,
  -- Moves between databases (cells/fence.ts). 0: written here; 1: not written for now, or only from fence_until on;
  -- 2: being copied to this database; 3: moved to another. move_epoch: of the directory's record, mover: who moves it.
  fence smallint NOT NULL DEFAULT 0,
  fence_until bigint,
  move_epoch bigint NOT NULL DEFAULT 0,
  mover uuid
);

-- Numbers for terms and facet values; never given twice. hash: of the name, which may be longer than an index takes.
-- terms: of the name of an author, the numbers of the terms in it.
CREATE TABLE names (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  id integer NOT NULL,
  hash uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  terms integer[],
  PRIMARY KEY (space, id),
  UNIQUE (space, hash)
);
CREATE INDEX names_authors ON names (space, id) WHERE terms IS NOT NULL;

-- Names that a purge may have left without a holder.
CREATE TABLE stale_names (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  id integer NOT NULL,
  PRIMARY KEY (space, id)
);

-- The current state of each memory. state: 0 live, 1 superseded, 2 deleted.
CREATE TABLE memories (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  row bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  state smallint NOT NULL,
  doc bigint NOT NULL,
  version integer NOT NULL,
  -- Hashes that exact and near duplicates share (memory/duplicate.ts).
  identity bytea NOT NULL,
  near bytea NOT NULL,
  content text COLLATE "C" NOT NULL,
  key text COLLATE "C",
  category text COLLATE "C",
  entity text COLLATE "C",
  tags text[] NOT NULL,
  metadata text COLLATE "C",
  context text COLLATE "C",
  author text COLLATE "C",
  -- The author as authors are compared (recall/entry.ts).
  author_key text COLLATE "C",
  session_id text COLLATE "C",
  session_seq double precision,
  source_instance text COLLATE "C" NOT NULL,
  source_type text COLLATE "C" NOT NULL,
  source_uri text COLLATE "C",
  trust text COLLATE "C" NOT NULL,
  importance double precision,
  confidence double precision NOT NULL,
  occurred_at bigint,
  valid_from bigint,
  valid_until bigint,
  expires_at bigint,
  decay text COLLATE "C",
  supersedes text COLLATE "C",
  superseded_by text COLLATE "C",
  created_at bigint NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  updated_at bigint NOT NULL,
  updated_by text COLLATE "C" NOT NULL,
  quarantine text COLLATE "C",
  quarantined_at bigint,
  PRIMARY KEY (space, row),
  UNIQUE (space, id)
);
CREATE UNIQUE INDEX memories_key ON memories (space, key) WHERE state = 0 AND key IS NOT NULL;
CREATE INDEX memories_supersedes ON memories (space, supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX memories_identity ON memories (space, identity, row) WHERE state = 0;
CREATE INDEX memories_near ON memories (space, near, row) WHERE state = 0;
CREATE INDEX memories_created ON memories (space, created_at, row) WHERE state = 0;
CREATE INDEX memories_expires ON memories (space, expires_at) WHERE state = 0 AND expires_at IS NOT NULL;
CREATE INDEX memories_session ON memories (space, session_id, session_seq) WHERE state = 0 AND session_id IS NOT NULL;
CREATE INDEX memories_deleted ON memories (space, updated_at) WHERE state = 2;
CREATE INDEX memories_quarantine ON memories (space, created_at, row) WHERE state = 0 AND quarantine IS NOT NULL;

-- What hangs on a memory refers to the space and not to the memory's row: PostgreSQL would check each reference with a
-- plan that it made while the table was empty, which reads the whole space. Writers remove it with the memory
-- (memory/write), and the check finds what would be left.
--
-- Tags are rows, because the operators of arrays are not leakproof.
CREATE TABLE memory_tags (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  tag text COLLATE "C" NOT NULL,
  memory bigint NOT NULL,
  PRIMARY KEY (space, tag, memory)
);
CREATE INDEX memory_tags_memory ON memory_tags (space, memory);

-- What search reads: one row a version of a memory (kind 1) or a session chunk (kind 2). entry: NULL once erased.
CREATE TABLE docs (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  n bigint NOT NULL,
  seq bigint NOT NULL,
  kind smallint NOT NULL,
  owner bigint NOT NULL,
  version integer NOT NULL,
  from_at bigint NOT NULL,
  to_at bigint,
  entry bytea,
  PRIMARY KEY (space, n)
);
CREATE INDEX docs_seq ON docs (space, seq, n);
CREATE INDEX docs_owner ON docs (space, owner, kind);

-- Vectors of a document's chunks, once as signed bytes with their scale and once as little-endian float32. What belongs
-- to a document does not refer to it: documents go with their space only, and each would be looked for in five tables.
CREATE TABLE q8 (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  generation integer NOT NULL,
  doc bigint NOT NULL,
  chunk smallint NOT NULL,
  scale double precision NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (space, generation, doc, chunk)
);
CREATE TABLE f32 (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  generation integer NOT NULL,
  doc bigint NOT NULL,
  chunk smallint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (space, generation, doc, chunk)
);

-- Documents without vectors of a generation. rank: 0 a current memory, 1 a piece of a session, 2 an earlier version.
CREATE TABLE awaiting_vectors (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  generation integer NOT NULL,
  rank smallint NOT NULL,
  doc bigint NOT NULL,
  PRIMARY KEY (space, generation, rank, doc)
);
-- Documents whose text says nothing to the model of a generation.
CREATE TABLE wordless (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  generation integer NOT NULL,
  doc bigint NOT NULL,
  PRIMARY KEY (space, generation, doc)
);
-- By this every server learns that a document which it has read already got vectors.
CREATE TABLE late_vectors (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  seq bigint NOT NULL,
  doc bigint NOT NULL,
  PRIMARY KEY (space, seq)
);

-- The log. fields and overwrites are NULL once purged.
CREATE TABLE changes (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  seq bigint NOT NULL,
  replica text COLLATE "C" NOT NULL,
  counter bigint NOT NULL,
  clock text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  principal text COLLATE "C" NOT NULL,
  agent text COLLATE "C" NOT NULL,
  fields text COLLATE "C",
  overwrites text COLLATE "C",
  PRIMARY KEY (space, seq),
  UNIQUE (space, replica, counter)
);
CREATE INDEX changes_subject ON changes (space, subject, seq);

CREATE TABLE entities (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  id bigint NOT NULL,
  norm text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  PRIMARY KEY (space, id),
  UNIQUE (space, norm)
);
CREATE TABLE aliases (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  norm text COLLATE "C" NOT NULL,
  entity bigint NOT NULL,
  memory bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  PRIMARY KEY (space, norm, entity, memory)
);
CREATE INDEX aliases_memory ON aliases (space, memory);
CREATE INDEX aliases_entity ON aliases (space, entity);
CREATE TABLE mentions (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  entity bigint NOT NULL,
  memory bigint NOT NULL,
  PRIMARY KEY (space, entity, memory)
);
CREATE INDEX mentions_memory ON mentions (space, memory);
CREATE TABLE relations (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  source bigint NOT NULL,
  target bigint NOT NULL,
  type text COLLATE "C" NOT NULL,
  memory bigint NOT NULL,
  PRIMARY KEY (space, source, target, type, memory)
);
CREATE INDEX relations_target ON relations (space, target, source);
CREATE INDEX relations_memory ON relations (space, memory);

CREATE TABLE claims (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  entity text COLLATE "C" NOT NULL,
  attribute text COLLATE "C" NOT NULL,
  memory bigint NOT NULL,
  value text COLLATE "C" NOT NULL,
  negated boolean NOT NULL,
  PRIMARY KEY (space, entity, attribute, memory, value)
);
CREATE INDEX claims_memory ON claims (space, memory);
CREATE TABLE conflicts (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  memory bigint NOT NULL,
  other bigint NOT NULL,
  PRIMARY KEY (space, memory, other)
);
CREATE INDEX conflicts_other ON conflicts (space, other);

CREATE TABLE session_messages (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  session text COLLATE "C" NOT NULL,
  position integer NOT NULL,
  role text COLLATE "C" NOT NULL,
  content text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  timed boolean NOT NULL,
  instance text COLLATE "C" NOT NULL,
  PRIMARY KEY (space, session, position)
);
CREATE TABLE session_chunks (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  row bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  session text COLLATE "C" NOT NULL,
  chunk integer NOT NULL,
  instance text COLLATE "C" NOT NULL,
  content text COLLATE "C" NOT NULL,
  start_at bigint NOT NULL,
  end_at bigint NOT NULL,
  doc bigint NOT NULL,
  PRIMARY KEY (space, row),
  UNIQUE (space, session, chunk)
);
CREATE INDEX session_chunks_end ON session_chunks (space, end_at);

-- Messages of a session before position have been read by the extraction of memories. attempts: failures in a row.
CREATE TABLE extractions (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  session text COLLATE "C" NOT NULL,
  position integer NOT NULL,
  prompt text COLLATE "C" NOT NULL,
  attempts integer NOT NULL,
  next_at bigint NOT NULL,
  PRIMARY KEY (space, session)
);
`;
