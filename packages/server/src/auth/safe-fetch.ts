/**
 * Reads a small document from an address that a customer named. The host is resolved once, all its addresses are checked
 * (`safe-fetch-address.ts`), and the connection goes to those that were checked, so that a name cannot point elsewhere a
 * moment later. HTTPS only, no redirects, bounded in size and in time as a whole, nothing of ours is sent along.
 */
import { lookup as dnsLookup } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { addressKind } from "./safe-fetch-address.ts";

/** `why`: in words that a log may have; never what the other side said. */
export const unreadable = (why: string): CairnError =>
  new CairnError("provider.unavailable", `The document cannot be read: ${why}.`);

export interface SafeFetchOptions {
  /** Also from private networks and this machine, and from this machine by plain HTTP. */
  readonly allowPrivate: boolean;
  /** For the whole, milliseconds. */
  readonly withinMs?: number;
  readonly mostBytes?: number;
  /** The addresses of a host. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** The document as text. Throws provider.unavailable. */
export type SafeFetch = (address: string) => Promise<string>;

const resolveHost = async (host: string): Promise<readonly string[]> =>
  (await dnsLookup(host, { all: true, verbatim: false })).map(({ address }) => address);

const withoutBrackets = (hostname: string): string => hostname.replace(/^\[|\]$/gu, "");

/** Answers what was checked, whatever is asked. */
const lookupOf =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, answer) => {
    const all = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = all;
    if (options.all === true) answer(null, all);
    else answer(null, first?.address ?? "", first?.family);
  };

const read = (url: URL, addresses: readonly string[], mostBytes: number, signal: AbortSignal): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(
    url,
    {
      agent: false,
      lookup: lookupOf(addresses),
      signal,
      headers: { accept: "application/jwk-set+json, application/json", "accept-encoding": "identity" },
      maxHeaderSize: 16 * 1_024,
    },
    (response) => {
      const fail = (why: string): void => {
        response.destroy();
        reject(unreadable(why));
      };
      if (response.statusCode !== 200) return fail(`it answers with status ${response.statusCode ?? 0}`);
      const encoding = response.headers["content-encoding"] ?? "identity";
      if (encoding !== "identity") return fail("it answers in an encoding that was not asked for");
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) fail("its answer is too large");
        else chunks.push(chunk);
      });
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", () => fail("its answer broke off"));
    },
  );
  request.on("error", () => reject(unreadable(signal.aborted ? "it does not answer in time" : "it cannot be reached")));
  request.end();
  return promise;
};

export const makeSafeFetch = ({
  allowPrivate,
  withinMs = 5_000,
  mostBytes = 256 * 1_024,
  resolve = resolveHost,
}: SafeFetchOptions): SafeFetch => {
  const resolveWithin = async (host: string, signal: AbortSignal): Promise<readonly string[]> => {
    if (isIP(host) !== 0) return [host];
    const { promise, reject } = Promise.withResolvers<never>();
    const late = (): void => reject(unreadable("its name is not resolved in time"));
    signal.addEventListener("abort", late, { once: true });
    try {
      return await Promise.race([resolve(host), promise]);
    } catch (error) {
      throw isCairnError(error) ? error : unreadable("its name is not known");
    } finally {
      signal.removeEventListener("abort", late);
    }
  };

  return async (address) => {
    const url = URL.parse(address);
    const isPlain = url?.protocol === "http:";
    if (url === null || (url.protocol !== "https:" && !isPlain)) throw unreadable("it is not an https address");
    if (isPlain && !allowPrivate) throw unreadable("it is not an https address");
    const signal = AbortSignal.timeout(withinMs);
    const addresses = await resolveWithin(withoutBrackets(url.hostname), signal);
    const kinds = addresses.map(addressKind);
    const fits = (kind: string): boolean =>
      isPlain ? kind === "loopback" : kind === "public" || (allowPrivate && kind !== "never");
    if (kinds.length === 0 || !kinds.every(fits)) throw unreadable("it is not on a network that may be asked");
    return read(url, addresses, mostBytes, signal);
  };
};
