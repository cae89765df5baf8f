/** W3C Trace Context (https://www.w3.org/TR/trace-context/): the `traceparent` header that joins a trace begun elsewhere. */

export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/u;
const longest = 512;

/** Null for anything that is no valid header; the trace then begins here (§2.2, §4.3). */
export const parseTraceParent = (header: string | readonly string[] | undefined): TraceParent | null => {
  if (typeof header !== "string" || header.length > longest) return null;
  const match = pattern.exec(header.trim());
  if (match === null) return null;
  const [, version = "", traceId = "", spanId = "", flags = "", more] = match;
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/u.test(traceId) || /^0+$/u.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
};
