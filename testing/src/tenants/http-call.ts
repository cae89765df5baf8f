/** Plain requests to a server, as bytes would show them: the answer's text and headers are kept as they came. */
import { Agent, request } from "node:http";

export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Sent as JSON; absent: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

// A server closes what is idle; who asks after a pause begins anew.
const agent = new Agent({ keepAlive: true, maxSockets: 32, timeout: 2_000 });

const headersOf = (raw: readonly string[]): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    headers[name] = name in headers ? `${headers[name]}, ${raw[at + 1]!}` : raw[at + 1]!;
  }
  return headers;
};

const send = (url: string, { method, path, body, headers = {} }: HttpRequest): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const sent = {
      ...(bytes === undefined ? {} : { "content-type": "application/json", "content-length": String(bytes.length) }),
      ...headers,
    };
    const asked = request(`${url}${path}`, { method, headers: sent, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer.rawHeaders), text });
      });
    });
    asked.on("error", (error: NodeJS.ErrnoException) => {
      // The kept connection was closed in the same moment: nothing was read of the request.
      if (asked.reusedSocket && error.code === "ECONNRESET") resolve(send(url, { method, path, body, headers }));
      else reject(error);
    });
    asked.end(bytes);
  });

export const sendHttp = send;

/** What a sender of JSON reads: throws where the answer is no success. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- tests say what they expect of an answer.
export const jsonOf = <Body = Readonly<Record<string, unknown>>>({ status, text }: HttpAnswer, what: string): Body => {
  if (status < 200 || status > 299) throw new Error(`${what} answered ${status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Body;
};

export const bearer = (credential: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${credential}`,
});
