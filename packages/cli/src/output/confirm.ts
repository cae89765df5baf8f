/** A question before something that cannot be undone, or that writes where the user may not expect it. */
import type { Host } from "../host.ts";

export const canAsk = (host: Host): boolean => host.inputIsTTY && host.err.isTTY;

/** Whether the answer begins with y; an empty answer is `otherwise`. */
export const confirm = async (host: Host, question: string, otherwise: boolean): Promise<boolean> => {
  const answer = (await host.ask(`${question} ${otherwise ? "[Y/n]" : "[y/N]"} `)).trim().toLowerCase();
  return answer === "" ? otherwise : answer.startsWith("y");
};
