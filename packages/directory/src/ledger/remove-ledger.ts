/** Takes away the audit and the usage of an organisation that is gone. */
import { directorySchema } from "@cairn/store-postgres/connection/roles";
import type { Access } from "../database/directory-database.ts";

/**
 * To be called inside the transaction that removes the organisation, after its row was deleted: only of what is gone may
 * a chain be taken away. On PostgreSQL the database's owner does it in the application's stead, and refuses otherwise.
 */
export const removeLedger = async ({ tables, sql, words }: Access, organisation: string): Promise<void> => {
  if (words.database === "postgres") {
    await sql`select ${sql.id(directorySchema, "remove_ledger")}(${organisation})`.execute(tables);
    return;
  }
  const still = await tables.selectFrom("organisations").select("id").where("id", "=", organisation).executeTakeFirst();
  if (still !== undefined) throw new Error("The organisation is still there.");
  // The trigger keeps entries as long as their chain has a head.
  await tables.deleteFrom("audit_heads").where("organisation", "=", organisation).execute();
  await tables.deleteFrom("audit_entries").where("organisation", "=", organisation).execute();
  await tables.deleteFrom("usage_days").where("organisation", "=", organisation).execute();
};
