import { defaultSpaceName, type SpaceRecord } from "@cairn/directory/space-directory";
import { nameKey } from "@cairn/directory/space-name";
import { CairnError } from "@cairn/kernel/error";
import type { CallContext } from "./context.ts";

/** The directory's record of a space that the caller may use. Throws space.not_found. */
export const recordOf = async (context: CallContext, nameOrId: string): Promise<SpaceRecord> => {
  const record = await context.directory.resolve(await context.space(nameOrId));
  if (record === null) throw new CairnError("space.not_found", "There is no such space, or it is not yours.");
  return record;
};

/** Each organisation has one, for calls that name none; its name is compared as all are. */
export const isDefaultSpace = ({ name }: Pick<SpaceRecord, "name">): boolean => nameKey(name) === defaultSpaceName;
