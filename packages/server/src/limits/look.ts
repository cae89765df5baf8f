/** How much an organisation has, asked of the directory and of its spaces. */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { tenantCounts } from "@cairn/directory/limits/tenant-counts";
import type { Clock } from "@cairn/kernel/clock";
import type { Services } from "@cairn/operations/context";
import type { Look } from "./levels.ts";

export interface LookOptions extends Pick<Services, "engine"> {
  /** Ids of all spaces of an organisation. */
  readonly spacesOf: (organisation: string) => Promise<readonly string[]>;
  readonly database: DirectoryDatabase;
  readonly clock: Clock;
}

/** Few at a time: nobody waits for a look but who is refused or new. */
const together = 4;

export const makeLook = ({ engine, spacesOf, database, clock }: LookOptions): Look => ({
  counts: tenantCounts(database, clock),
  stored: async (organisation) => {
    const left = [...(await spacesOf(organisation))];
    const sum = { memories: 0, storageBytes: 0 };
    const work = async (): Promise<void> => {
      for (let space = left.pop(); space !== undefined; space = left.pop()) {
        const { memories, bytes } = await engine.read(space).stats();
        sum.memories += memories;
        sum.storageBytes += bytes;
      }
    };
    await Promise.all(Array.from({ length: together }, work));
    return sum;
  },
});
