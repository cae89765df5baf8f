/** Tokens of invitations: 256 random bits, of which the directory keeps SHA-256 alone; so much cannot be guessed from it. */
import { createHash, randomBytes } from "node:crypto";

const pattern = /^[A-Za-z0-9_-]{43}$/u;

export const isInvitationToken = (text: string): boolean => pattern.test(text);

export const invitationHash = (token: string): string => createHash("sha256").update(token).digest("hex");

export const makeInvitationToken = (): { readonly token: string; readonly hash: string } => {
  const token = randomBytes(32).toString("base64url");
  return { token, hash: invitationHash(token) };
};
