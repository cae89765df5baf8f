/**
 * Under `npm start` a shell stands between npm and this process, and it passes no signals on: whoever ends npm would
 * leave a server behind that holds the port and that nobody sees. So this process looks up, and ends when they do.
 */
import { readFileSync } from "node:fs";

const pollMillis = 250;

/** The parent of another process, where the system tells by a file (Linux). @param {number} pid */
const parentOf = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in brackets, and may hold spaces and brackets itself.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
};

/** Asks this process to terminate, as npm would have, when npm or its shell has gone. */
export const endWithNpm = () => {
  if (process.env.npm_lifecycle_event === undefined || process.platform === "win32") return;
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === npm) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, pollMillis);
  timer.unref();
};
