/**
 * What lets a large space be searched in the database while no server has its index in memory: the terms of its texts,
 * their figures, and its vectors in a partition of its own with a nearest-neighbour index. Only documents that are
 * current are in these tables, and only those of spaces whose `space_state.part` is not 0.
 *
 * `postings` and `nearest` do not refer to `space_state`: a check of each of millions of postings would take longer than
 * writing it, and a partition with a reference could only be attached while nobody writes to any space. Who removes a
 * space removes their rows himself.
 */
export const largeSpaces = `
-- How far a space's documents have been entered: those up to filled, and those after upto, which writers enter
-- themselves. generation: of the vectors whose index is built; NULL while there is none.
CREATE TABLE large_spaces (
  space uuid PRIMARY KEY REFERENCES space_state ON DELETE CASCADE,
  filled bigint NOT NULL,
  upto bigint NOT NULL,
  generation integer
);

-- Of what is current, by kind: documents, passages, the sum of their lengths, the sum of what each may lend; and how
-- much of what may be lent is borrowed, counted now and then.
CREATE TABLE large_counts (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  kind smallint NOT NULL,
  documents bigint NOT NULL,
  passages bigint NOT NULL,
  length bigint NOT NULL,
  head bigint NOT NULL,
  borrowed double precision NOT NULL,
  PRIMARY KEY (space, kind)
);

-- How many passages hold a term, and how many documents a facet's value.
CREATE TABLE term_counts (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  kind smallint NOT NULL,
  term integer NOT NULL,
  passages integer NOT NULL,
  PRIMARY KEY (space, kind, term)
) WITH (fillfactor = 80);

-- The documents that hold a term or a facet's value, packed (recall/large/packed.ts): 4,096 numbers of documents a row.
CREATE TABLE postings (
  space uuid NOT NULL,
  kind smallint NOT NULL,
  term integer NOT NULL,
  block integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (space, kind, term, block)
) WITH (fillfactor = 80);
ALTER TABLE postings ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The documents that are entered. session: 0 for none, -1 for one that is held back.
CREATE TABLE entered (
  space uuid NOT NULL REFERENCES space_state ON DELETE CASCADE,
  doc bigint NOT NULL,
  kind smallint NOT NULL,
  session integer NOT NULL,
  position double precision NOT NULL,
  passages integer NOT NULL,
  length integer NOT NULL,
  head integer NOT NULL,
  PRIMARY KEY (space, doc)
);
CREATE INDEX entered_session ON entered (space, kind, session, position, doc) INCLUDE (head, passages) WHERE session > 0;

-- Vectors, each large space's in a partition that a server makes when the space becomes one.
CREATE TABLE nearest (
  space uuid NOT NULL,
  part integer NOT NULL,
  doc bigint NOT NULL,
  generation integer NOT NULL,
  chunk smallint NOT NULL,
  kind smallint NOT NULL,
  vector halfvec NOT NULL,
  PRIMARY KEY (space, part, doc, generation, chunk)
) PARTITION BY LIST (part);
CREATE TABLE nearest_other PARTITION OF nearest DEFAULT;

-- Numbers of partitions, for their owner alone.
CREATE SEQUENCE nearest_parts AS integer;
`;
