/** Calls of the server: JSON there and back; what goes wrong becomes a `Problem` with the server's code. */

const patience = 30_000;

/** What the server refused, or that it could not be reached (`network`). */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {string} detail
   * @param {{ errors?: readonly { path: string; message: string }[]; retryAfter?: number }} [more]
   */
  constructor(code, detail, { errors = [], retryAfter = 0 } = {}) {
    super(detail);
    this.code = code;
    this.errors = errors;
    /** Seconds; 0: not said. */
    this.retryAfter = retryAfter;
  }
}

/** @param {unknown} given @returns {given is Record<string, unknown>} */
const isObject = (given) => typeof given === "object" && given !== null;

/** @param {Response} response @param {unknown} body */
const problemOf = (response, body) => {
  const { code, detail, errors } = isObject(body) ? body : {};
  return new Problem(
    typeof code === "string" ? code : "internal",
    typeof detail === "string" ? detail : "The server did not answer as it should. Try again in a moment.",
    {
      errors: Array.isArray(errors) ? errors.filter((one) => isObject(one) && typeof one["path"] === "string") : [],
      retryAfter: Number(response.headers.get("retry-after") ?? 0) || 0,
    },
  );
};

/**
 * Throws a Problem.
 * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {{ body?: unknown; organisation?: string | null }} [more] `organisation`: the one to act in
 * @returns {Promise<any>}
 */
export const call = async (method, path, { body, organisation = null } = {}) => {
  /** @type {Response} */
  let response;
  /** @type {unknown} */
  let answer;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(organisation === null ? {} : { "Cairn-Organisation": organisation }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    answer = /json/u.test(response.headers.get("content-type") ?? "") && text !== "" ? JSON.parse(text) : null;
  } catch {
    throw new Problem("network", "The server cannot be reached. Check your connection and try again.");
  }
  if (!response.ok) throw problemOf(response, answer);
  return answer;
};

/** @param {string} path @param {unknown} [body] */
export const post = (path, body = {}) => call("POST", path, { body });

/** What to tell a person of what went wrong. @param {unknown} error @returns {string} */
export const wordsOf = (error) => {
  if (!(error instanceof Problem)) return "Something went wrong on this page. Reload it and try again.";
  const { code, message, retryAfter } = error;
  if (code === "limit.rate_exceeded") {
    const minutes = Math.max(1, Math.ceil(retryAfter / 60));
    return `Too many tries. Wait ${minutes === 1 ? "a minute" : `${minutes} minutes`} and try again.`;
  }
  if (code === "auth.required") return "You are not signed in any more. Sign in and try again.";
  return message;
};
