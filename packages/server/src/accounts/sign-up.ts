/**
 * Making an account. The address comes first: whoever asks gets the same answer whatever is known of the address, and
 * the rest goes by mail. A password is chosen only by who opened that mail, so that nobody can leave an account with a
 * password of their own at an address of somebody else, to wait for its owner. An invitation is such a mail already.
 */
import { normalEmail } from "@cairn/directory/people/email-address";
import type { Person } from "@cairn/directory/people/people-directory";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Role } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { joinLetter, knownLetter, resetLetter } from "../mail/letter.ts";
import { linkInvalid } from "./account-errors.ts";
import { requirePassword } from "./passwords.ts";
import { email, password, principalOfEmail, signInWithPassword, told } from "./sign-in.ts";
import { joinUrl, newToken, resetUrl, signInUrl, tokenHash } from "./tokens.ts";
import { accountRoute, type AccountParts, personOf, signedIn, type Visit } from "./visit.ts";

const hour = 3_600_000;
export const joinHours = 24;
export const resetHours = 1;

const token = z.string().min(16).max(200);
export const personName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}]*$/u, "must have no control characters")
  .transform((given) => given.normalize("NFC"));

/** Whether a person of this address may have an account. */
export const mayJoin = async (
  { people, signUp }: Pick<AccountParts, "people" | "signUp">,
  address: string,
): Promise<boolean> => signUp === "open" || (await people.isInvited(address));

type MailParts = Pick<AccountParts, "people" | "mail" | "clock">;

/** A link to choose a password, for the owner of an account. */
export const sendReset = async ({ people, mail, clock }: MailParts, person: Person, origin: string): Promise<void> => {
  const secret = newToken();
  const proof = { kind: "reset", email: person.email } as const;
  await people.keepProof(tokenHash(secret), proof, clock() + resetHours * hour);
  mail.send({ to: person.email, letter: resetLetter(resetUrl(origin, secret), resetHours) });
};

const answerByMail = async (parts: AccountParts, address: string, origin: string): Promise<void> => {
  const { people, mail, clock } = parts;
  const person = await people.findByEmail(address);
  if (person !== null) {
    if (person.disabledAt !== null) return;
    // Made by an administrator, and never used: its owner sets the password, which proves the address as well.
    if (!person.verified) await sendReset(parts, person, origin);
    else mail.send({ to: address, letter: knownLetter(signInUrl(origin)) });
    return;
  }
  if (!(await mayJoin(parts, address))) return;
  const secret = newToken();
  await people.keepProof(tokenHash(secret), { kind: "sign-up", email: address }, clock() + joinHours * hour);
  mail.send({ to: address, letter: joinLetter(joinUrl(origin, secret), joinHours) });
};

/** Throws request.invalid. */
export const requireEmail = (given: string): string => {
  const address = normalEmail(given);
  if (address !== null) return address;
  const message = "must be an address of mail, such as anna@example.com";
  throw new CairnError("request.invalid", `The request is not valid. email: ${message}`, {
    problems: [{ path: "email", code: "email", message }],
  });
};

const signUp = accountRoute("POST", "/sign-up", z.strictObject({ email }), async (parts, visit, given) => {
  const address = requireEmail(given.email);
  await told(visit, "sign-up.ask", principalOfEmail(parts, address), () =>
    parts.limits.count("mail", visit.address, address),
  );
  parts.behind(() => answerByMail(parts, address, visit.origin));
  return { body: { status: "mail_sent" } };
});

interface Link {
  readonly kind: "sign_up" | "invitation";
  readonly email: string;
  readonly organisation: { readonly id: string; readonly slug: string; readonly name: string } | null;
  readonly role: Role | null;
}

/** What a link is good for. Throws auth.link_invalid. */
const linkOf = async ({ people, organisations }: AccountParts, hash: string): Promise<Link> => {
  const proof = await people.proofOf(hash);
  if (proof?.kind === "sign-up") return { kind: "sign_up", email: proof.email, organisation: null, role: null };
  const invitation = await organisations.invitationOf(hash);
  const organisation = invitation === null ? null : await organisations.find(invitation.organisation);
  if (invitation === null || organisation === null) throw linkInvalid();
  const { id, slug, name } = organisation;
  return { kind: "invitation", email: invitation.email, organisation: { id, slug, name }, role: invitation.role };
};

const readLink = accountRoute("POST", "/join/link", z.strictObject({ token }), async (parts, visit, given) => {
  await parts.limits.count("link", visit.address, null);
  const link = await linkOf(parts, tokenHash(given.token));
  return { body: { ...link, has_account: (await parts.people.findByEmail(link.email)) !== null } };
});

/** A membership is audited in its transaction, as where an operation makes it. */
const noteOf = ({ clock }: AccountParts, visit: Visit, principal: string, organisation: string): AuditEntry => ({
  id: newId(),
  at: clock(),
  organisation,
  principal,
  credential: "session",
  key: null,
  instance: null,
  operation: "invitations.accept",
  kind: "administrate",
  outcome: "ok",
  code: null,
  spaces: [],
  subjects: [],
  address: visit.address,
  requestId: visit.requestId,
});

/** Makes the person a member; null where the link is no longer good. */
const accept = (parts: AccountParts, visit: Visit, hash: string, link: Link, principal: string) => {
  const note = link.organisation === null ? undefined : noteOf(parts, visit, principal, link.organisation.id);
  return parts.organisations.acceptInvitation(hash, { principal, email: link.email }, note);
};

/** Uses the link, and makes the account that it is for. */
const makePerson = async (
  parts: AccountParts,
  visit: Visit,
  given: { readonly hash: string; readonly link: Link; readonly name: string; readonly passwordHash: string },
): Promise<Person> => {
  const { people } = parts;
  const { hash, link, name, passwordHash } = given;
  const whoever = { email: link.email, name, passwordHash, verified: true };
  if (link.kind === "sign_up") {
    // It may have been an open invitation that let the address in, and be no more.
    if (!(await mayJoin(parts, link.email)) || (await people.useProof(hash)) === null) throw linkInvalid();
    return people.create(whoever);
  }
  const person = await people.create(whoever);
  const { principal } = person;
  const member = await accept(parts, visit, hash, link, principal).catch(async (error: unknown) => {
    await people.remove(principal);
    throw error;
  });
  if (member !== null) return person;
  await people.remove(principal);
  throw linkInvalid();
};

const join = accountRoute(
  "POST",
  "/join",
  z.strictObject({ token, name: personName, password }),
  async (parts, visit, given) => {
    let principal = "anonymous";
    return told(
      visit,
      "sign-up.join",
      async () => principal,
      async () => {
        await parts.limits.count("link", visit.address, null);
        const hash = tokenHash(given.token);
        const link = await linkOf(parts, hash);
        if ((await parts.people.findByEmail(link.email)) !== null) {
          throw new CairnError("user.exists", "There is an account of this address.", {
            hint: "Sign in; then the invitation can be accepted.",
          });
        }
        requirePassword(given.password, [link.email, given.name]);
        const { hash: passwordHash } = await parts.auth();
        const person = await makePerson(parts, visit, {
          hash,
          link,
          name: given.name,
          passwordHash: await passwordHash(given.password),
        });
        ({ principal } = person);
        return signInWithPassword(parts, visit, { email: person.email, password: given.password, remember: true });
      },
    );
  },
);

const acceptInvitation = accountRoute(
  "POST",
  "/invitation/accept",
  z.strictObject({ token }),
  async (parts, visit, given) => {
    const { principal } = signedIn(visit);
    return told(visit, "invitation.accept", principal, async () => {
      await parts.limits.count("link", visit.address, null);
      const hash = tokenHash(given.token);
      const [person, link] = [await personOf(parts, principal), await linkOf(parts, hash)];
      if (!person.verified || link.kind !== "invitation" || link.email !== person.email) throw linkInvalid();
      const member = await accept(parts, visit, hash, link, principal);
      if (member === null) throw linkInvalid();
      return { body: { organisation: link.organisation, role: member.role } };
    });
  },
);

export const signUpRoutes = [signUp, readLink, join, acceptInvitation];
