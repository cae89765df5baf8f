/** A new key and what recognises it. */
import type { NewKey } from "@cairn/directory/keys/key-directory";
import { mintKey } from "@cairn/directory/keys/key-format";
import { hashKey, type Peppers } from "@cairn/directory/keys/key-hash";
import { CairnError } from "@cairn/kernel/error";
import type { CallContext } from "../context.ts";

/** Throws config.invalid where this process has no secret to protect keys with. */
const peppersOf = async ({ keyPeppers }: Pick<CallContext, "keyPeppers">): Promise<Peppers> => {
  if (keyPeppers === undefined) throw new CairnError("config.invalid", "There is no secret to protect keys with.");
  return keyPeppers();
};

export const issueKey = async (
  context: Pick<CallContext, "keyPeppers">,
  about: Omit<NewKey, "id" | "pepper" | "hash">,
): Promise<{ readonly key: string; readonly kept: NewKey }> => {
  const { current } = await peppersOf(context);
  const { id, key } = mintKey();
  return { key, kept: { ...about, id, ...hashKey(current, key) } };
};
