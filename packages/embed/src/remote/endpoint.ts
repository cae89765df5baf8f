/** The address of a service, as people write it: with or without `/v1`, a trailing slash, or the whole way. */
import { isIP } from "node:net";
import { CairnError } from "@cairn/kernel/error";

export interface Endpoint {
  /** Where texts are posted to. */
  readonly url: string;
  /** Which service it is, for the model's id and for messages: `api.openai.com`, `gateway:8080/team/v1`. */
  readonly place: string;
  /** Texts and key travel unencrypted to another machine. */
  readonly exposed: boolean;
}

const invalid = (message: string): CairnError =>
  new CairnError("config.invalid", `embedding_url ${message}.`, {
    hint: "Set embedding_url (or CAIRN_EMBEDDING_URL) to an address such as https://api.openai.com/v1.",
  });

const isLoopback = (host: string): boolean =>
  host === "localhost" ||
  host.endsWith(".localhost") ||
  host === "[::1]" ||
  (isIP(host) === 4 && host.startsWith("127."));

/** Throws config.invalid. */
export const embeddingsEndpoint = (given: string): Endpoint => {
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw invalid("must begin with https:// or http://");
  if (url.username !== "" || url.password !== "") throw invalid("must not hold a key; that is embedding_api_key");
  url.hash = "";
  const base = url.pathname.replace(/\/+$/u, "").replace(/\/embeddings$/u, "");
  const path = base === "" ? "/v1" : base;
  url.pathname = `${path}/embeddings`;
  return {
    url: url.href,
    place: `${url.host}${path === "/v1" ? "" : path}`,
    exposed: url.protocol === "http:" && !isLoopback(url.hostname),
  };
};
