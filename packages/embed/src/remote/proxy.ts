/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY (also in small letters) for `fetch` and everything else that speaks HTTP in
 * this process: Node reads them only when told to. Services on this machine are never asked through a proxy.
 */
import * as http from "node:http";

const here = "localhost,127.0.0.1,[::1]";
const variable = (env: NodeJS.ProcessEnv, name: string): string =>
  env[name.toLowerCase()] ?? env[name.toUpperCase()] ?? "";

let applied: string | null = null;

/** Harmless when nothing is set, and when called again. */
export const useProxyFromEnvironment = (env: NodeJS.ProcessEnv = process.env): void => {
  const [plain, secure, none] = ["http_proxy", "https_proxy", "no_proxy"].map((name) => variable(env, name));
  if (!plain && !secure) return;
  const proxyEnv = {
    ...(plain ? { http_proxy: plain } : {}),
    ...(secure ? { https_proxy: secure } : {}),
    no_proxy: none ? `${none},${here}` : here,
  };
  const wanted = JSON.stringify(proxyEnv);
  // Node 24.18 and later; before, `node --use-env-proxy` does the same.
  if (applied === wanted || typeof http.setGlobalProxyFromEnv !== "function") return;
  http.setGlobalProxyFromEnv(proxyEnv);
  applied = wanted;
};
