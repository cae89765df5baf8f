/** A transaction on one connection, begun as the database should begin it. */
import type { Access, Work } from "./directory-database.ts";

export const transact = <Result>(access: Access, begin: string, work: Work<Result>): Promise<Result> => {
  const { tables, sql } = access;
  return tables.connection().execute(async (connection) => {
    const say = (statement: string) => sql.raw(statement).execute(connection);
    await say(begin);
    try {
      const result = await work({ ...access, tables: connection });
      await say("commit");
      return result;
    } catch (error) {
      // What was lost with its connection is rolled back by the database.
      await say("rollback").catch(() => undefined);
      throw error;
    }
  });
};
