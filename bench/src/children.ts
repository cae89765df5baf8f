/** Processes that a benchmark starts end with it, however it ends short of SIGKILL. */
import type { ChildProcess } from "node:child_process";

const running = new Set<ChildProcess>();
let watching = false;

const endAll = (): void => {
  for (const child of running) child.kill("SIGTERM");
};

/** A signal becomes an ordinary exit, so that what hangs on it happens. */
const watch = (): void => {
  if (watching) return;
  watching = true;
  process.once("exit", endAll);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
};

export const endsWithUs = <Child extends ChildProcess>(child: Child): Child => {
  watch();
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
};
