/** Notes of writes for the audit, each in the transaction of its write, until the audit's chain has them (TEN-8). */
export const notes = `
-- id: of the call, in the order of time. note: JSON. A purge leaves them: they hold nothing of what was said.
CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, kept_at INTEGER NOT NULL, note TEXT NOT NULL) WITHOUT ROWID, STRICT;
`;
