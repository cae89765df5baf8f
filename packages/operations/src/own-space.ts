/** A space that a credential is bound to: of the organisation that the credential belongs to, never another's public one. */
import { CairnError } from "@cairn/kernel/error";
import type { CallContext } from "./context.ts";

/** The id of a space that the caller may use. Throws space.not_found, request.invalid. */
export const ownSpace = async (context: CallContext, nameOrId: string): Promise<string> => {
  const id = await context.space(nameOrId);
  const record = await context.directory.resolve(id);
  if (record?.organisation === context.organisation) return id;
  throw new CairnError("request.invalid", "A credential can be bound to a space of its own organisation only.");
};
