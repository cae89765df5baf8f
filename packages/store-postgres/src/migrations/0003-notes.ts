/** Notes of writes for the audit, each in the transaction of its write, until the audit's chain has them (TEN-8). */
export const notes = `
-- id: of the call, in the order of time. note: JSON. A purge leaves them: they hold nothing of what was said.
CREATE TABLE notes (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL,
  kept_at bigint NOT NULL,
  note text COLLATE "C" NOT NULL,
  PRIMARY KEY (space, id)
);
`;
