/** Tokens of links in mails: 256 bits at random, of which only a digest is kept. */
import { createHash, randomBytes } from "node:crypto";

export const newToken = (): string => randomBytes(32).toString("base64url");

/** SHA-256, hexadecimal: as invitations are kept too. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** In the fragment, which no server, proxy or referrer gets to see. */
export const joinUrl = (origin: string, token: string): string => `${origin}/account/join#token=${token}`;
export const resetUrl = (origin: string, token: string): string => `${origin}/account/reset-password#token=${token}`;
export const signInUrl = (origin: string): string => `${origin}/account/sign-in`;
export const forgotUrl = (origin: string): string => `${origin}/account/forgot-password`;
