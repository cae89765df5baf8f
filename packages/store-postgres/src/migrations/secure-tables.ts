/**
 * What every table of the engine gets, in the migration that makes it: row-level security that binds its owner too, one
 * policy by the transaction's space, and the application's rights on it. Tables without a space have no place here.
 *
 * The planner gets no figures on `space`. Plans are made once for all spaces: with figures it would plan for one of
 * average size, which may be tiny, so that reading all of a space looks as good to it as looking rows up. Without, it
 * takes every space for a two-hundredth of the table.
 */
import { appRole } from "../connection/roles.ts";

/** The space that the transaction is bound to; NULL, which equals nothing, where none is. */
export const boundSpace = "nullif(current_setting('app.space', true), '')::uuid";

/** Statements that close a table to all but the bound space. */
export const secured = (table: string): string => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY own_space ON ${table} USING (space = ${boundSpace}) WITH CHECK (space = ${boundSpace});
GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${appRole};
ALTER TABLE ${table} ALTER COLUMN space SET STATISTICS 0;
`;

/**
 * Statements of a later step that must meet the rows of all spaces: row-level security binds the owner too, so that a
 * plain UPDATE would find nothing and say nothing. Nobody else reads the table until the step is over: only for small
 * tables, or changes that are quick.
 */
export const acrossSpaces = (table: string, sql: string): string => `
ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY;
${sql};
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
`;
