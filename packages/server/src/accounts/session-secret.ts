import type { Secret } from "../auth/secrets.ts";

/** What better-auth signs cookies with and encrypts second factors with. */
export const sessionSecret = (secret: Secret): string => secret.derive("sessions").toString("base64");
