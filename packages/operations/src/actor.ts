import type { Actor } from "@cairn/memory/space/engine";
import type { Caller } from "./context.ts";

/** Who is recorded as the writer: what the edge established, never what a request says (MEM-11). */
export const actorOf = (caller: Caller): Actor => ({ principal: caller.principal, instance: caller.instance });
