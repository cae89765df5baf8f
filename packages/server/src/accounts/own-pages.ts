/** Which pages and requests are our own: where people may be sent, and who may change something for them. */
const encodedSeparator = /%(?:2f|5c|0[\da-f]|1[\da-f]|7f)/iu;

/**
 * Whether it is a path of this server's own, such as `/account?tab=keys`, for every browser: nothing that could be read
 * as another host (`//host`, `/\host`, encoded or behind a control character).
 */
export const isOwnPath = (given: string, origin: string): boolean => {
  if (given.length > 2_000 || !given.startsWith("/") || given.startsWith("//")) return false;
  if (/[\\\p{C}\s]/u.test(given) || encodedSeparator.test(given.split(/[?#]/u)[0] ?? "")) return false;
  const url = URL.parse(given, origin);
  return url !== null && url.origin === origin && url.username === "" && !url.pathname.startsWith("//");
};

/** Whether a request with cookies comes from a page of ours. Browsers send one of the two with every unsafe request. */
export const isFromOwnPage = (headers: Headers, origin: string): boolean => {
  const from = headers.get("origin");
  return from === null ? headers.get("sec-fetch-site") === "same-origin" : from === origin;
};
