/**
 * Bodies are JSON and must say so. What an HTML form of any site can send without asking (urlencoded, multipart,
 * text/plain) is refused, because a browser would deliver it without a preflight.
 */
import { CairnError } from "@cairn/kernel/error";

const jsonPattern = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/;

export const isJsonMediaType = (header: string | undefined): boolean => {
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";");
  const charset = parameters.map((given) => given.trim()).find((given) => given.startsWith("charset="));
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  return utf8 && jsonPattern.test(type.trim());
};

/** Throws request.unsupported_media_type. */
export const requireJson = (contentType: string | undefined, contentEncoding: string | undefined): void => {
  const encoding = contentEncoding?.trim().toLowerCase() ?? "identity";
  if (isJsonMediaType(contentType) && (encoding === "" || encoding === "identity")) return;
  throw new CairnError("request.unsupported_media_type", "The body must be JSON in UTF-8, not compressed.", {
    hint: "Send the header Content-Type: application/json, as in curl -H 'Content-Type: application/json'.",
  });
};
