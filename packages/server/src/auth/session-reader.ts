/**
 * A browser's cookie as a credential for all calls: cookie, session, person, and what the person is in an organisation at
 * this moment. Browsers send cookies with whatever page makes them, so a call that may change something counts only
 * where a page of our own made it.
 */
import type { OrganisationDirectory } from "@cairn/directory/organisations/organisation-directory";
import type { PeopleDirectory } from "@cairn/directory/people/people-directory";
import { type Standing, standingOf } from "@cairn/directory/standing";
import { type CairnError, isCairnError } from "@cairn/kernel/error";
import { type CookieReader, sessionCookie } from "../accounts/cookies.ts";
import { isFromOwnPage } from "../accounts/own-pages.ts";
import type { CredentialReader } from "./credential-readers.ts";

export interface SessionReaderOptions {
  readonly people: Pick<PeopleDirectory, "session">;
  readonly organisations: Pick<OrganisationDirectory, "find" | "lookUp" | "roleOf" | "membershipsOf">;
  readonly cookies: CookieReader;
  /** The server's own address. */
  readonly origin: () => string;
}

const nowhere: Standing = { organisation: null, role: null, administrator: false };

export const makeSessionReader = ({
  people,
  organisations,
  cookies,
  origin,
}: SessionReaderOptions): CredentialReader => {
  /** In the organisation that was named, or in the oldest one that is not suspended. */
  const standingIn = async (principal: string, named: string | null): Promise<Standing | null> => {
    if (named !== null) {
      const organisation = (await organisations.find(named)) ?? (await organisations.lookUp(named));
      return organisation === null ? null : standingOf(organisations, organisation.id, principal);
    }
    let suspended: CairnError | undefined;
    for (const { organisation } of await organisations.membershipsOf(principal)) {
      try {
        const found = await standingOf(organisations, organisation, principal);
        if (found !== null) return found;
      } catch (error) {
        if (!isCairnError(error) || error.code !== "organisation.suspended") throw error;
        suspended = error;
      }
    }
    if (suspended !== undefined) throw suspended;
    return nowhere;
  };

  return async ({ headers, organisation: named, unsafe }) => {
    const at = origin();
    const token = cookies.read(headers.get("cookie"), sessionCookie(at));
    if (token === null || (unsafe && !isFromOwnPage(headers, at))) return null;
    const session = await people.session(token);
    if (session === null) return null;
    const { principal } = session;
    const standing = await standingIn(principal, named);
    if (standing === null) return null;
    const unbound = { scopes: null, space: null, key: null, instance: null } as const;
    return { ...unbound, principal, credential: "session", ...standing };
  };
};
