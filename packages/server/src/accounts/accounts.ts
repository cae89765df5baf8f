/**
 * Accounts of people over HTTP (TEN-1): everything under `/auth/`. better-auth checks passwords, codes and providers,
 * and keeps sessions; what may be asked of it, who may ask how often, and what is answered, is decided here. It is loaded
 * with the first request that needs it.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { OrganisationDirectory } from "@cairn/directory/organisations/organisation-directory";
import { normalEmail } from "@cairn/directory/people/email-address";
import type { PeopleDirectory, Person } from "@cairn/directory/people/people-directory";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { SendInvitation } from "@cairn/operations/context";
import type { CredentialReader } from "../auth/credential-readers.ts";
import type { Secrets } from "../auth/secrets.ts";
import { makeSessionReader } from "../auth/session-reader.ts";
import { invitationLetter } from "../mail/letter.ts";
import type { Mail } from "../mail/mail.ts";
import type { AccessSettings } from "../settings/access-settings.ts";
import type { Auth } from "./auth.ts";
import type { AuthParts } from "./auth-options.ts";
import { makeCookieReader } from "./cookies.ts";
import type { AccountEvent } from "./events.ts";
import { makeHandler, type Visitor } from "./handler.ts";
import { makeAccountLimits } from "./limits.ts";
import { requirePassword } from "./passwords.ts";
import { makeProviders } from "./providers.ts";
import { mayJoin, sendReset } from "./sign-up.ts";
import { joinUrl } from "./tokens.ts";
import type { AccountParts } from "./visit.ts";

export interface AccountsOptions {
  readonly database: DirectoryDatabase;
  readonly people: PeopleDirectory;
  readonly organisations: OrganisationDirectory;
  readonly secrets: Secrets;
  readonly settings: Pick<AccessSettings, "signUp" | "providers">;
  readonly mail: Mail;
  readonly clock: Clock;
  /** The server's own address as people use it, such as `https://memory.example.com`; known once it listens. */
  readonly publicUrl: () => string;
  readonly onEvent: (event: AccountEvent) => void;
  readonly log: {
    /** Something that went wrong behind an answer. */
    readonly failed: (error: unknown) => void;
    /** A line for people; holds no address of mail. */
    readonly warn: (line: string) => void;
  };
}

export interface PersonToMake {
  readonly email: string;
  readonly name: string;
  /** Without one the person is sent a link to choose it. */
  readonly password?: string;
  readonly verified: boolean;
}

export interface Accounts {
  /** Answers everything under `/auth/`; never rejects but where the directory cannot be used. */
  readonly handle: (request: Request, visitor: Visitor) => Promise<Response>;
  /** A cookie as a credential for all other calls. */
  readonly sessionReader: CredentialReader;
  /** For the shell. Throws user.exists, request.invalid. */
  readonly createPerson: (person: PersonToMake, note?: AuditEntry) => Promise<Person>;
  /** For the shell: ends all sessions. Throws user.not_found, request.invalid. */
  readonly setPassword: (principal: string, password: string, note?: AuditEntry) => Promise<void>;
  /** As operations invite; a mail that cannot be sent fails nothing, and is not waited for. */
  readonly sendInvitation: SendInvitation;
  /** Deletes links, sessions and counters that have expired; how many. */
  readonly sweep: () => Promise<number>;
  /** Waits for what goes on behind answers, at most so long, milliseconds. Mail is closed by whoever opened it. */
  readonly close: (patienceMs?: number) => Promise<void>;
}

export const openAccounts = (options: AccountsOptions): Accounts => {
  const { database, people, organisations, secrets, settings, mail, clock, publicUrl, onEvent, log } = options;
  const origin = (): string => new URL(publicUrl()).origin;
  const underWay = new Set<Promise<unknown>>();
  const behind = (work: () => Promise<unknown>): void => {
    const running = work()
      .catch(log.failed)
      .finally(() => underWay.delete(running));
    underWay.add(running);
  };

  const authParts = (): AuthParts => ({
    database,
    people,
    secrets,
    origin: origin(),
    mayJoin: (email) => {
      const address = normalEmail(email);
      return address === null ? Promise.resolve(false) : mayJoin({ people, signUp: settings.signUp }, address);
    },
  });
  let opening: Promise<Auth> | undefined;
  const auth = async (): Promise<Auth> => {
    opening ??= import("./auth.ts").then(({ openAuth }) => openAuth(authParts()));
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };

  const parts: AccountParts = {
    people,
    organisations,
    mail,
    limits: makeAccountLimits(people, clock),
    providers: makeProviders({ providers: settings.providers, parts: authParts, warn: log.warn }),
    clock,
    signUp: settings.signUp,
    auth,
    behind,
  };
  const cookies = makeCookieReader(secrets);

  return {
    handle: makeHandler({ parts, cookies, origin, onEvent, failed: log.failed }),
    sessionReader: makeSessionReader({ people, organisations, cookies, origin }),
    createPerson: async ({ email, name, password, verified }, note) => {
      if (name.trim() === "" || name.length > 100)
        throw new CairnError("request.invalid", "A name has 1 to 100 characters.");
      if (password !== undefined) requirePassword(password, [email, name]);
      const passwordHash = password === undefined ? null : await (await auth()).hash(password);
      const person = await people.create({ email, name: name.trim(), passwordHash, verified }, note);
      if (password === undefined) await sendReset(parts, person, origin());
      return person;
    },
    setPassword: async (principal, password, note) => {
      const person = await people.find(principal);
      if (person === null) throw new CairnError("user.not_found", "There is no such person.");
      requirePassword(password, [person.email, person.name]);
      await people.setPassword(principal, await (await auth()).hash(password), false, note);
      await parts.limits.right("sign-in", person.email);
    },
    sendInvitation: async ({ email, token, organisationName, invitedBy, expiresAt }) => {
      const to = normalEmail(email);
      if (to === null) return;
      const url = joinUrl(origin(), token);
      behind(async () => {
        const by = (await people.find(invitedBy))?.name ?? null;
        const given = { organisation: organisationName, invitedBy: by, url, until: new Date(expiresAt) };
        mail.send({ to, letter: invitationLetter(given) });
      });
    },
    sweep: () => people.sweep(),
    close: async (patienceMs = 2_000) => {
      const stop = new AbortController();
      const idle = async (): Promise<void> => {
        while (underWay.size > 0) await Promise.allSettled(underWay);
      };
      await Promise.race([idle(), wait(patienceMs, undefined, { signal: stop.signal }).catch(() => undefined)]);
      stop.abort();
    },
  };
};
