/** The `Idempotency-Key` header of a write: any visible name that the client chose. */
import { CairnError } from "@cairn/kernel/error";

const pattern = /^[\x21-\x7e]{1,255}$/u;

/** Null when there is none. Throws request.invalid. */
export const idempotencyKey = (header: string | readonly string[] | undefined): string | null => {
  if (header === undefined) return null;
  const key = typeof header === "string" ? header.trim() : "";
  if (pattern.test(key)) return key;
  const message = "Idempotency-Key must be 1 to 255 visible ASCII characters";
  throw new CairnError("request.invalid", message, {
    problems: [{ path: "Idempotency-Key", code: "invalid_format", message }],
  });
};
