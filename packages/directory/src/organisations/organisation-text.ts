/** How names, slugs, addresses and principals of organisations are written; what is not written so is refused. */
import { CairnError } from "@cairn/kernel/error";
import { isUuid } from "@cairn/kernel/id";
import { normalEmail } from "../people/email-address.ts";

const refuse = (path: string, message: string): CairnError =>
  new CairnError("request.invalid", message, { problems: [{ path, code: "invalid", message }] });

const mostNameCharacters = 100;

/** The name as it is kept. Throws request.invalid. */
export const organisationNameOf = (given: string): string => {
  const name = given.trim();
  const count = name.length > 2 * mostNameCharacters ? name.length : [...name].length;
  if (count < 1 || count > mostNameCharacters)
    throw refuse("name", `name must be 1 to ${mostNameCharacters} characters; this has ${count}`);
  if (!name.isWellFormed() || /\p{Cc}/u.test(name))
    throw refuse("name", "name must be well-formed Unicode without control characters");
  return name;
};

const mostSlugCharacters = 40;
const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/u;

/** The slug as it is. Throws request.invalid; one that looks like an id could not be told from one. */
export const slugOf = (given: string): string => {
  if (slugPattern.test(given) && !isUuid(given)) return given;
  throw refuse(
    "slug",
    `slug must be 1 to ${mostSlugCharacters} of a-z, 0-9 and -, begin and end with a letter or digit, and not look like an id`,
  );
};

/** Of the name, what a slug can hold; `organisation` where that is nothing. */
export const slugFrom = (name: string): string => {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .slice(0, mostSlugCharacters)
    .replaceAll(/^-+|-+$/gu, "");
  return plain === "" || isUuid(plain) ? "organisation" : plain;
};

/** `slug` with an ending that tells it from others, within the bounds of a slug. */
export const slugWith = (slug: string, ending: string): string =>
  `${slug.slice(0, mostSlugCharacters - ending.length - 1).replace(/-+$/u, "")}-${ending}`;

/**
 * An address as accounts keep it (`../people/email-address.ts`). Before the @ nothing but ASCII is taken at all: folding
 * other letters makes different addresses one (U+212A, the Kelvin sign, becomes `k`). Null where it is none.
 */
export const emailKey = (given: string): string | null => {
  const local = given.trim().slice(0, Math.max(0, given.trim().lastIndexOf("@")));
  return /^[!-~]+$/u.test(local) ? normalEmail(given) : null;
};

/** Throws request.invalid. */
export const emailOf = (given: string): string => {
  const email = emailKey(given);
  if (email === null) throw refuse("email", "email must be an address such as anna@example.com");
  return email;
};

const memberPattern = /^(?:user:[A-Za-z0-9_-]{1,100}|external:[A-Za-z0-9_.-]{1,64}:[!-~]{1,255})$/u;
const keyPattern = /^key:[A-Za-z0-9_-]{1,100}$/u;

export const isMemberPrincipal = (principal: string): boolean => memberPattern.test(principal);

/** The principal as it is. Throws request.invalid. */
export const memberPrincipalOf = (principal: string): string => {
  if (isMemberPrincipal(principal)) return principal;
  throw refuse("principal", "principal must be user:<id> or external:<provider>:<subject>");
};

/** Throws request.invalid. */
export const granteePrincipalOf = (principal: string): string => {
  if (isMemberPrincipal(principal) || keyPattern.test(principal)) return principal;
  throw refuse("principal", "principal must be user:<id>, key:<id> or external:<provider>:<subject>");
};

const mostPlanCharacters = 64;

/** The name of a plan as it is; whether there is such a plan is not known here. Throws request.invalid. */
export const planNameOf = (plan: string | null): string | null => {
  if (plan === null || (plan.length >= 1 && plan.length <= mostPlanCharacters && /^[!-~]+$/u.test(plan))) return plan;
  throw refuse("plan", `plan must be the name of a plan, 1 to ${mostPlanCharacters} characters`);
};
