import { homedir } from "node:os";
import { join } from "node:path";

/** Where this user keeps what can be made again. Never the shared temporary folder: others could plant code there. */
export const cacheFolder = (env = process.env, platform = process.platform, home = homedir()) => {
  if (platform === "win32") return join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), "cairn", "Cache");
  if (platform === "darwin") return join(home, "Library", "Caches", "cairn");
  return join(env.XDG_CACHE_HOME || join(home, ".cache"), "cairn");
};
