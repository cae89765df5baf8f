/** Runs `read-only-worker.ts`, which permissions bind: root may write anything, so that it becomes somebody else. */
import { fork } from "node:child_process";
import type { ReaderReport } from "./read-only-worker.ts";

const nobody = 65_534;

export const readAsNobody = (folder: string, space: string): Promise<ReaderReport> =>
  new Promise((resolve, reject) => {
    const user = process.getuid?.() === 0 ? String(nobody) : "";
    const child = fork(new URL("./read-only-worker.ts", import.meta.url), [folder, space, user]);
    child.on("message", (report) => resolve(report as ReaderReport));
    child.on("exit", (code) => reject(new Error(`The reader ended with ${code}.`)));
  });
