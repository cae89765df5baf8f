/**
 * What every table of the engine gets, in the migration that makes it: row-level security that binds its owner too, one
 * policy by the transaction's space, and the application's rights on it. Tables without a space have no place here.
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
`;
