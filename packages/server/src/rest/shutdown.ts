/** `POST /v1/shutdown`: ends the server from the machine it runs on. Who may open its port may also end it. */
import { CairnError } from "@cairn/kernel/error";
import { type Action, answerJson } from "./app.ts";

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(?:::ffff:)?127\.|^::1$/u.test(address);

export const shutdownAction = (onShutdown: () => void): Action => ({
  method: "POST",
  path: "/v1/shutdown",
  permission: "server:manage",
  answer: (context) => {
    const { incoming, outgoing } = context.env;
    if (!isLoopback(incoming.socket.remoteAddress)) {
      throw new CairnError("request.origin_refused", "Only this machine may end the server.");
    }
    outgoing.once("close", onShutdown);
    return answerJson(context, 200, { status: "shutting_down" });
  },
});
