import type { Actor } from "@cairn/memory/space/engine";
import type { CallContext } from "./context.ts";

/** Who is recorded as the writer: what the edge established, never what a request says (MEM-11). */
export const actorOf = ({ caller, note }: Pick<CallContext, "caller" | "note">): Actor => ({
  principal: caller.identity.principal,
  instance: caller.instance,
  ...(note === undefined ? {} : { note }),
});
