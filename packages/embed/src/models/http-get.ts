/**
 * A GET for large files: redirects followed by hand, the proxy variables obeyed (HTTPS_PROXY, HTTP_PROXY, NO_PROXY; by
 * Node's own agents, from 24.5 on), the body as a stream, and an end to waiting for a server that says nothing.
 */
import { Agent as HttpAgent, get as getHttp, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, get as getHttps } from "node:https";
import { CairnError } from "@cairn/kernel/error";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Where the proxy variables are. */
  readonly env: Environment;
  /** Silence longer than this is the end of a connection. */
  readonly silenceMs?: number;
}

const mostRedirects = 5;
const redirects: readonly number[] = [301, 302, 303, 307, 308];

export const failed = (message: string, cause?: unknown, hint?: string): CairnError =>
  new CairnError("model.download_failed", message, hint === undefined ? {} : { hint }, { cause });

/** Throws `model.download_failed` for what is no address to download from. */
export const webAddress = (given: string, from?: URL): URL => {
  const url = URL.parse(given, from?.href);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw failed("The address to download from is not an http or https one.");
  }
  return url;
};

const request = (url: URL, { headers = {}, signal, env, silenceMs = 30_000 }: GetOptions): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const proxyEnv = { ...env };
    const agent = secure ? new HttpsAgent({ proxyEnv }) : new HttpAgent({ proxyEnv });
    // A part that was compressed on the way could not be resumed.
    const all = { "accept-encoding": "identity", "user-agent": "cairn", ...headers };
    const options = { agent, headers: all, ...(signal === undefined ? {} : { signal }) };
    const asked = (secure ? getHttps : getHttp)(url, options, resolve);
    asked.setTimeout(silenceMs, () => asked.destroy(new Error("The server went silent.")));
    asked.on("error", reject);
  });

/** The answer after redirects; its body must be read or destroyed. Rejects with the errors of Node's own request. */
export const httpGet = async (url: URL, options: GetOptions): Promise<IncomingMessage> => {
  let at = url;
  for (let hops = 0; hops <= mostRedirects; hops += 1) {
    const answer = await request(at, options);
    const { statusCode = 0, headers } = answer;
    if (!redirects.includes(statusCode) || headers.location === undefined) return answer;
    answer.destroy();
    const next = webAddress(headers.location, at);
    if (at.protocol === "https:" && next.protocol !== "https:")
      throw failed(`${at.host} sends on to an address without encryption.`);
    at = next;
  }
  throw failed(`${url.host} sends from one address to the next without end.`);
};
