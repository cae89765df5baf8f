/**
 * Private keys as they lie in the directory: AES-256-GCM (NIST SP 800-38D) under what is derived of the server's secret
 * for this purpose, with the key's id bound to it, so that none can be put in another's place.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Secret } from "./secrets.ts";

const purpose = "signing keys";
const algorithm = "aes-256-gcm";
/** Bytes of the nonce, which is random: a secret seals a few keys a year. */
const nonceBytes = 12;
const tagBytes = 16;

/** `id`: of the key. Base64url of nonce, ciphertext and tag. */
export const seal = (secret: Secret, id: string, plain: string): string => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, secret.derive(purpose), nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(id));
  const parts = [nonce, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString("base64url");
};

/** Null where it was sealed under another secret or for another id, or was changed since. */
export const unseal = (secret: Secret, id: string, sealed: string): string | null => {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < nonceBytes + tagBytes) return null;
  const decipher = createDecipheriv(algorithm, secret.derive(purpose), bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(id));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    const plain = [decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()];
    return Buffer.concat(plain).toString("utf8");
  } catch {
    return null;
  }
};
