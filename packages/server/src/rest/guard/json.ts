/** From bytes to a JSON value: strict UTF-8 (nothing is replaced silently), strict JSON, and a bound on nesting. */
import { CairnError } from "@cairn/kernel/error";

const deepest = 64;
const utf8 = new TextDecoder("utf-8", { fatal: true });

const malformed = (message: string, hint?: string): CairnError =>
  new CairnError("request.malformed", message, hint === undefined ? {} : { hint });

/**
 * Whether arrays and objects nest deeper than the limit. It stops at the limit, so its own recursion is bounded;
 * validation, which recurses too, comes after.
 */
export const nestsDeeperThan = (value: unknown, limit: number): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (limit === 0) return true;
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => typeof child === "object" && child !== null && nestsDeeperThan(child, limit - 1));
};

/** JSON.parse quotes the text around an error; that may be content, so only the position is passed on. */
const positionOf = (error: unknown): string => {
  const match = error instanceof Error ? /position (\d+)/.exec(error.message) : null;
  return match === null ? "" : ` It goes wrong at character ${match[1]}.`;
};

/** Throws request.malformed. An empty body is `undefined`. */
export const parseJson = (bytes: Uint8Array): unknown => {
  if (bytes.length === 0) return undefined;
  const text = ((): string => {
    try {
      return utf8.decode(bytes);
    } catch {
      throw malformed("The body is not valid UTF-8.", "Encode the body as UTF-8.");
    }
  })();
  const value = ((): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw malformed(`The body is not valid JSON.${positionOf(error)}`);
    }
  })();
  if (nestsDeeperThan(value, deepest)) throw malformed(`The body nests deeper than ${deepest} levels.`);
  return value;
};
