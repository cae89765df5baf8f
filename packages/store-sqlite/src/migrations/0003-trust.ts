/** What is held back from recall until someone releases it (MEM-11), and how far sessions were extracted (MEM-10). */
export const trust = `
-- Why and since when a memory is held back; NULL for one that is not.
ALTER TABLE memories ADD COLUMN quarantine TEXT;
ALTER TABLE memories ADD COLUMN quarantined_at INTEGER;
CREATE INDEX memories_quarantine ON memories (created_at, row) WHERE state = 0 AND quarantine IS NOT NULL;

-- Texts of documents and of the web up to this row were stored unexamined; a repair examines them and takes this away.
INSERT INTO meta (key, value)
  SELECT 'unexamined', max(row) FROM memories WHERE trust IN ('document', 'web') HAVING max(row) IS NOT NULL;

-- Messages of a session before position have been read by the extraction of memories. attempts: failures in a row.
CREATE TABLE extractions (
  session TEXT NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
`;
