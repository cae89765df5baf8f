/** What a server tells of itself while it runs (OPS-4), as the settings say. */

export interface TracingSettings {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ratio: number;
}

export interface ObserveSettings {
  readonly logFormat: "auto" | "text" | "json";
  readonly logLevel: "error" | "warn" | "info" | "debug";
  /** Null: as fits the server. */
  readonly logRequests: boolean | null;
  /** Null without traces. */
  readonly tracing: TracingSettings | null;
}

/** Where OpenTelemetry's collectors listen for OTLP over HTTP. */
const usualEndpoint = "http://localhost:4318";

/** Whether it is an address that spans can be sent to. */
export const isEndpoint = (given: string): boolean => /^https?:$/u.test(URL.parse(given)?.protocol ?? "");

/** `a=b,c=d`, percent-encoded, as OpenTelemetry writes headers in its variable. Null when it is something else. */
export const parseHeaders = (given: string): Readonly<Record<string, string>> | null => {
  const pairs = given.split(",").filter((pair) => pair.trim() !== "");
  try {
    const headers = new Headers();
    for (const pair of pairs) {
      const at = pair.indexOf("=");
      if (at < 1) return null;
      headers.append(pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim()));
    }
    return Object.fromEntries(headers);
  } catch {
    return null;
  }
};

export interface GivenTracing {
  /** Undefined: where an endpoint is given. */
  readonly wanted: boolean | undefined;
  readonly endpoint: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly ratio: number;
}

export const tracingOf = ({ wanted, endpoint, headers = {}, ratio }: GivenTracing): TracingSettings | null =>
  (wanted ?? endpoint !== undefined) ? { endpoint: endpoint ?? usualEndpoint, headers, ratio } : null;
