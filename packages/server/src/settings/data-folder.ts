/** Where memories live when nobody said otherwise: the place that each system gives to a user's application data. */
import { posix, win32 } from "node:path";

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly hostname: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Absolute path. XDG base directories on Linux (a relative XDG_DATA_HOME is ignored, as that specification asks). */
export const defaultDataFolder = ({ platform, home, env }: Machine): string => {
  if (platform === "win32") return win32.join(env["LOCALAPPDATA"] || win32.join(home, "AppData", "Local"), "cairn");
  if (platform === "darwin") return posix.join(home, "Library", "Application Support", "cairn");
  const xdg = env["XDG_DATA_HOME"] ?? "";
  return posix.join(posix.isAbsolute(xdg) ? xdg : posix.join(home, ".local", "share"), "cairn");
};

/** `~` and `~/…` as shells read them; everything else stays. */
export const expandHome = (path: string, home: string): string =>
  path === "~" ? home : /^~[/\\]/u.test(path) ? `${home}${path.slice(1)}` : path;
