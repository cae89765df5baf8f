/** What the routes of accounts share: one request, what they may use, and how they answer. */
import type { OrganisationDirectory } from "@cairn/directory/organisations/organisation-directory";
import type { PeopleDirectory, Person, PersonSession } from "@cairn/directory/people/people-directory";
import type { ErrorCode } from "@cairn/kernel/error";
import { signInFirst } from "./account-errors.ts";
import type { Auth } from "./auth.ts";
import type { AccountOperation } from "./events.ts";
import type { AccountLimits } from "./limits.ts";
import type { Providers } from "./providers.ts";
import type { Mail } from "../mail/mail.ts";
import type { z } from "zod";

export interface AccountParts {
  readonly people: PeopleDirectory;
  readonly organisations: OrganisationDirectory;
  readonly mail: Mail;
  readonly limits: AccountLimits;
  readonly providers: Providers;
  readonly clock: () => number;
  readonly signUp: "invited" | "open";
  /** Loaded and opened when it is first asked for. */
  readonly auth: () => Promise<Auth>;
  /** Work that no answer waits for. */
  readonly behind: (work: () => Promise<unknown>) => void;
}

export interface Visit {
  readonly request: Request;
  readonly url: URL;
  /** The server's own address, without a slash at its end. */
  readonly origin: string;
  readonly address: string | null;
  readonly requestId: string;
  /** Of the browser that asks; null: not signed in. */
  readonly session: PersonSession | null;
  /** The accounts' cookies, signed with the newest secret; without that of the session where that must not count. */
  readonly cookies: (options?: { readonly withoutSession?: boolean }) => string | null;
  /** The session that an answer's cookies begin; null: none. */
  readonly sessionIn: (cookies: readonly string[]) => Promise<PersonSession | null>;
  /** For the audit; `principal` may still have to be found out. */
  readonly tell: (
    operation: AccountOperation,
    who: string | (() => Promise<string>),
    failure?: { readonly code: ErrorCode },
  ) => void;
}

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  /** Whole values of Set-Cookie. */
  readonly cookies?: readonly string[];
  readonly location?: string;
}

export interface AccountRoute<Body extends z.ZodType = z.ZodType> {
  readonly method: "GET" | "POST";
  /** After `/auth`; `{provider}` stands for one segment. */
  readonly path: string;
  readonly body: Body;
  readonly answer: (parts: AccountParts, visit: Visit, body: z.output<Body>) => Promise<Answer>;
}

export const accountRoute = <Body extends z.ZodType>(
  method: "GET" | "POST",
  path: string,
  body: Body,
  answer: AccountRoute<Body>["answer"],
): AccountRoute => ({ method, path, body, answer: answer as AccountRoute["answer"] });

export const showPerson = ({ id, email, name, twoFactor, hasPassword }: Person) => ({
  id,
  email,
  name,
  two_factor: twoFactor,
  has_password: hasPassword,
});

/** Throws auth.required. */
export const signedIn = (visit: Visit): PersonSession => {
  if (visit.session === null) throw signInFirst();
  return visit.session;
};

/** Throws auth.required where the person is gone meanwhile. */
export const personOf = async ({ people }: Pick<AccountParts, "people">, principal: string): Promise<Person> => {
  const person = await people.find(principal);
  if (person === null) throw signInFirst();
  return person;
};
