/** Where each client keeps its configuration, and what it should run. */
import { join, posix, win32 } from "node:path";
import type { Client, Launch } from "./file-edit.ts";

/** The machine as a plan sees it: passed in, so that tests can be any machine. */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** The user's home folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const desktopFolder = ({ platform, home, env }: Host): string => {
  if (platform === "darwin") return posix.join(home, "Library", "Application Support", "Claude");
  if (platform === "win32") return win32.join(env["APPDATA"] || win32.join(home, "AppData", "Roaming"), "Claude");
  return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "Claude");
};

/**
 * The file that connects a client to MCP servers. With `project`, Claude Code's file for that folder, which a team
 * shares; the other clients have no such file.
 */
export const clientFile = (client: Client, host: Host, project: string | null): string => {
  switch (client) {
    case "claude-code":
      return project === null
        ? join(host.env["CLAUDE_CONFIG_DIR"] || host.home, ".claude.json")
        : join(project, ".mcp.json");
    case "claude-desktop":
      return (host.platform === "win32" ? win32 : posix).join(desktopFolder(host), "claude_desktop_config.json");
    case "codex":
      return join(host.env["CODEX_HOME"] || join(host.home, ".codex"), "config.toml");
  }
};

/**
 * Starts the published package. Windows runs `npx` through `cmd`, because there it is a script and clients start
 * programs without a shell.
 */
export const packageLaunch = (platform: NodeJS.Platform): Launch =>
  platform === "win32"
    ? { command: "cmd", args: ["/c", "npx", "-y", "cairn-memory", "mcp"] }
    : { command: "npx", args: ["-y", "cairn-memory", "mcp"] };

/** Starts Cairn from a clone: absolute paths, since clients start programs in folders of their own. */
export const cloneLaunch = (nodePath: string, scriptPath: string): Launch => ({
  command: nodePath,
  args: [scriptPath, "mcp"],
});
