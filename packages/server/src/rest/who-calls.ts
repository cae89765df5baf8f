/**
 * The port by which the HTTP edge learns who makes a request. Without sign-in there is one person, whoever reaches the
 * loopback port; with it `auth/` reads credentials.
 */
import type { IncomingMessage } from "node:http";
import { type Identity, localIdentity } from "@cairn/memory/permission/identity";

export interface Known {
  readonly identity: Identity;
  /** The network address that the request came from, after trusted proxies. */
  readonly address: string | null;
}

export interface WhoCalls {
  /** Whether calls need a credential; once they do they always will. */
  readonly isAsked: () => Promise<boolean>;
  /** The network address that a request came from, after trusted proxies. */
  readonly addressOf?: (incoming: IncomingMessage) => string | null;
  /** Throws auth.invalid for a credential that is not good, limit.rate_exceeded, organisation.suspended, storage.*. */
  readonly identify: (incoming: IncomingMessage) => Promise<Known>;
}

export const oneLocalPerson: WhoCalls = {
  isAsked: async () => false,
  identify: async ({ socket }) => ({
    identity: localIdentity("loopback"),
    address: socket.remoteAddress ?? null,
  }),
};
