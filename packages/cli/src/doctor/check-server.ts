/** Whether a server answers at the address, or something else has taken its port. */
import { connect } from "node:net";
import { type Finding, note, ok, problem } from "./finding.ts";

const patienceMs = 1_500;

const portTaken = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.setTimeout(patienceMs, () => answer(false));
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });

interface Health {
  readonly status: unknown;
  readonly instance_id: unknown;
  readonly memory_count: unknown;
  readonly version: unknown;
}

const healthOf = async (url: string): Promise<Health | null> => {
  try {
    const answer = await fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(patienceMs), redirect: "error" });
    const value: unknown = await answer.json();
    return typeof value === "object" && value !== null && "instance_id" in value && "status" in value
      ? (value as Health)
      : null;
  } catch {
    return null;
  }
};

export const checkServer = async (host: string, port: number): Promise<Finding> => {
  // What listens everywhere answers here too, and by this name.
  const near = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const url = `http://${near.includes(":") ? `[${near}]` : near}:${port}`;
  if (port === 0 || !(await portTaken(near, port)))
    return note("server", `None runs at ${url}; commands and MCP work without.`);
  const health = await healthOf(url);
  const other = `cairn serve --port ${port === 65_535 ? 18_791 : port + 1}`;
  if (health === null)
    return problem("server", `Another program has port ${port}.`, `End it, or use another port: ${other}`);
  // Without a credential it tells nobody how many there are.
  const memories = health.memory_count === 0 ? "" : `, ${String(health.memory_count)} memories`;
  const about = `${url}, version ${String(health.version)}${memories}`;
  if (health.status === "ok") return ok("server", about);
  return problem(
    "server",
    `${about}: it says that it is ${String(health.status)}.`,
    "Restart it, and see what it logs",
  );
};
