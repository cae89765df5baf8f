import { hash } from "node:crypto";
import type { TextKind } from "../queue/text-model.ts";

/**
 * The name under which a text's vectors are kept: SHA-256 over the model, the kind and the text as the model reads it,
 * as 43 letters of base64url. Texts themselves are kept nowhere.
 */
export const cacheKey = (modelId: string, kind: TextKind, text: string): string =>
  hash("sha256", `${modelId}\0${kind}\0${text}`, "base64url");
