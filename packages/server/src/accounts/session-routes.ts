/** Where a person is signed in, and the end of it. */
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { noBody, nothing, told } from "./sign-in.ts";
import { accountRoute, signedIn } from "./visit.ts";

const listSessions = accountRoute("GET", "/sessions", noBody, async (parts, visit) => {
  const current = signedIn(visit);
  const sessions = await parts.people.sessions(current.principal);
  const shown = sessions.map(({ id, createdAt, expiresAt, address, userAgent }) => ({
    id,
    current: id === current.id,
    created_at: new Date(createdAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    address,
    user_agent: userAgent,
  }));
  return { body: { sessions: shown } };
});

const revoke = accountRoute(
  "POST",
  "/sessions/revoke",
  z.strictObject({ id: z.uuid() }),
  async (parts, visit, { id }) => {
    const { principal } = signedIn(visit);
    return told(visit, "session.revoke", principal, async () => {
      const ended = await parts.people.endSessions(principal, { only: id });
      if (ended === 0) throw new CairnError("session.not_found", "There is no such session of yours.");
      return { body: { status: "ok" } };
    });
  },
);

const revokeOthers = accountRoute("POST", "/sessions/revoke-others", nothing, async (parts, visit) => {
  const { principal, id } = signedIn(visit);
  return told(visit, "session.revoke", principal, async () => {
    await parts.people.endSessions(principal, { except: id });
    return { body: { status: "ok" } };
  });
});

export const sessionRoutes = [listSessions, revoke, revokeOthers];
