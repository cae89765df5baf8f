/** Starts `peer-worker.ts` and talks to it. */
import { fork } from "node:child_process";
import type { PeerAnswer, PeerRequest } from "./peer-worker.ts";

export interface Peer extends AsyncDisposable {
  readonly ask: (request: PeerRequest) => Promise<readonly string[]>;
}

export const startPeer = (folder: string, space: string): Peer => {
  const child = fork(new URL("./peer-worker.ts", import.meta.url), [folder, space]);
  const waiting: { readonly resolve: (ids: readonly string[]) => void; readonly reject: (error: Error) => void }[] = [];
  child.on("message", (answer: PeerAnswer) => {
    const next = waiting.shift();
    if ("ids" in answer) next?.resolve(answer.ids);
    else next?.reject(new Error(answer.failed));
  });
  child.on("exit", (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`The peer ended with ${code}.`));
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.send(request);
      }),
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
      child.send({ ask: "close" } satisfies PeerRequest);
      await ended;
    },
  };
};
