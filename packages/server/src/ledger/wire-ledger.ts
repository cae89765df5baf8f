/** Where the ledger meets the rest of a server. */
import type { LedgerDirectory } from "@cairn/directory/ledger/ledger-directory";
import type { CallLimits } from "@cairn/operations/limits";
import type { Ledger } from "./ledger.ts";

/** Limits that admit no call which could not be recorded; what is not audited is admitted all the same. */
export const recordedLimits = (limits: CallLimits, ledger: Pick<Ledger, "ready">): CallLimits => ({
  admit: async (caller, operation) => {
    if (operation.audit !== "none") ledger.ready();
    return limits.admit(caller, operation);
  },
});

/**
 * The directory's ledger as this server's operations read it: with what this server did a moment ago, and with what
 * crashes left in the organisation's spaces.
 */
export const freshLedger = (
  directory: LedgerDirectory,
  { flush, collectNotes }: Pick<Ledger, "flush" | "collectNotes">,
): LedgerDirectory => {
  const audited = async (organisation: string): Promise<void> => {
    await flush();
    await collectNotes(organisation);
  };
  return {
    ...directory,
    entries: async (query) => {
      await audited(query.organisation);
      return directory.entries(query);
    },
    links: async (organisation, after, limit) => {
      await audited(organisation);
      return directory.links(organisation, after, limit);
    },
    head: async (organisation) => {
      await audited(organisation);
      return directory.head(organisation);
    },
    verify: async (organisation, options) => {
      await audited(organisation);
      return directory.verify(organisation, options);
    },
    usage: async (query) => {
      await flush();
      return directory.usage(query);
    },
  };
};
