/**
 * Vectors that come later than their text, and a second model's beside those that serve (EMB-6). Everywhere here `next`
 * is 0 for the space's own model and 1 for the one that it changes to.
 */
export const vectors = `
-- The next model's vectors, in the shape of q8 and v; a switch gives the tables each other's names.
CREATE TABLE next_q8 (id INTEGER PRIMARY KEY, scale REAL NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE next_v (id INTEGER PRIMARY KEY, f32 BLOB NOT NULL) STRICT;
-- What an earlier model left behind, removed a little at a time.
CREATE TABLE old_q8 (id INTEGER PRIMARY KEY, scale REAL NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE old_v (id INTEGER PRIMARY KEY, f32 BLOB NOT NULL) STRICT;

-- Documents without vectors. rank: 0 a current memory, 1 a piece of a session, 2 an earlier version.
CREATE TABLE awaiting_vectors (
  next INTEGER NOT NULL, rank INTEGER NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (next, rank, doc)
) WITHOUT ROWID, STRICT;

-- Documents whose text says nothing to the model.
CREATE TABLE wordless (next INTEGER NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (next, doc)) WITHOUT ROWID, STRICT;

-- By this, every process learns that a document which it has read already got vectors of the space's own model.
CREATE TABLE late_vectors (seq INTEGER PRIMARY KEY AUTOINCREMENT, doc INTEGER NOT NULL) STRICT;

-- Counts texts without reading them.
CREATE INDEX docs_texts ON docs (kind) WHERE entry IS NOT NULL;

INSERT INTO awaiting_vectors (next, rank, doc)
  SELECT 0, CASE WHEN to_at IS NULL THEN kind - 1 ELSE 2 END, n FROM docs
  WHERE entry IS NOT NULL AND NOT EXISTS (SELECT 1 FROM v WHERE v.id = docs.n * 1024);

-- Until now there was one embedder, of 256 dimensions; what vectors there are say it for certain.
INSERT INTO meta (key, value)
  SELECT 'embedding_dimensions', coalesce((SELECT length(f32) / 4 FROM v WHERE length(f32) >= 4 LIMIT 1), 256)
  FROM meta WHERE key = 'embedding_model';
INSERT INTO meta (key, value) SELECT 'embedding_provider', 'builtin' FROM meta WHERE key = 'embedding_model';
`;
