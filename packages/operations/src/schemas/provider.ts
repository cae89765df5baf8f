/** Identity providers in requests and answers (TEN-3). */
import { providerAlgorithms } from "@cairn/directory/tokens/algorithms";
import type { IdentityProvider } from "@cairn/directory/tokens/token-directory";
import { toRfc3339 } from "@cairn/kernel/clock";
import { roles } from "@cairn/memory/permission/permission";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { id } from "./common.ts";
import { shownInstant } from "./instant.ts";
import { text } from "./text.ts";
import { scopeList } from "./token.ts";

const visible = /^[\u0021-\u007e]{1,300}$/u;

const identifier = (name: string, describe: string) =>
  z
    .string(`${name} must be a text`)
    .regex(visible, `${name} must be 1 to 300 visible ASCII characters`)
    .meta({ description: describe });

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u;

/** HTTPS, or HTTP on this machine; no name or password, and nothing after a `#`. */
export const isKeysAddress = (given: string): boolean => {
  const url = URL.parse(given);
  if (url === null || given.length > 500 || url.username !== "" || url.password !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopbackHost.test(url.hostname));
};

const claimName = (name: string, describe: string) => text({ name, max: 200, describe });
const role = z.enum(roles, `role must be one of ${roles.join(", ")}`);

const mostRoles = 50;

/** What can be said of a provider; all but the issuer can be changed later. */
export const providerFields = {
  audience: identifier(
    "audience",
    "What `aud` of its tokens holds: a name that you made up for this server at your provider.",
  ),
  jwksUri: z
    .string("jwks_uri must be a text")
    .refine(isKeysAddress, "jwks_uri must be an https:// address of at most 500 characters")
    .meta({ description: "Where the provider publishes its keys (JWKS)." }),
  algorithms: z
    .array(z.enum(providerAlgorithms, `an algorithm must be one of ${providerAlgorithms.join(", ")}`))
    .min(1, "algorithms must name at least one")
    .max(20, "algorithms must be at most 20")
    .transform((given) => providerAlgorithms.filter((one) => given.includes(one)))
    .meta({ description: "How its tokens may be signed: RS256 for most." }),
  subjectClaim: claimName("subject_claim", "The claim that names a person or program, for good."),
  roleClaim: claimName("role_claim", "The claim whose value gives a role; `a.b` reads b within a."),
  roles: z
    .array(z.object({ value: text({ name: "value", max: 200 }), role }), "roles must be a list")
    .max(mostRoles, `roles must be at most ${mostRoles}`)
    .meta({ description: "Which value of the role claim gives which role; of several the mightiest counts." }),
  defaultRole: role.meta({ description: "Of those who have none of the values; null: they are refused." }),
  scopes: scopeList.meta({ description: "What its tokens may be used for." }),
  space: text({ name: "space", max: 100, trim: true, describe: "The only space that its tokens reach." }),
  instanceClaim: claimName("instance_claim", "The claim that names the agent instance."),
} as const;

export const issuer = identifier("issuer", "What `iss` of its tokens is, exactly.");
export const providerId = id().meta({ description: "The id of the identity provider." });

export const provider = z.object({
  id: z.string(),
  issuer: z.string(),
  audience: z.string(),
  jwksUri: z.string(),
  algorithms: z.array(z.string()),
  subjectClaim: z.string(),
  roleClaim: z.string().nullable(),
  roles: z.array(z.object({ value: z.string(), role })),
  defaultRole: role.nullable(),
  scopes: z.array(z.string()),
  space: z.string().nullable(),
  instanceClaim: z.string().nullable(),
  createdAt: shownInstant("When it was set up."),
  updatedAt: shownInstant("When it last changed."),
});

export const showProvider = (given: IdentityProvider): z.output<typeof provider> => ({
  id: given.id,
  issuer: given.issuer,
  audience: given.audience,
  jwksUri: given.jwksUri,
  algorithms: [...given.algorithms],
  subjectClaim: given.subjectClaim,
  roleClaim: given.roleClaim,
  roles: given.roles.map(({ value, role: gives }) => ({ value, role: gives })),
  defaultRole: given.defaultRole,
  scopes: [...given.scopes],
  space: given.space,
  instanceClaim: given.instanceClaim,
  createdAt: toRfc3339(given.createdAt),
  updatedAt: toRfc3339(given.updatedAt),
});

/** Throws request.invalid where nobody would ever get a role. */
export const requireRoles = ({
  roleClaim,
  roles: mapped,
  defaultRole,
}: Pick<IdentityProvider, "roleClaim" | "roles" | "defaultRole">): void => {
  const problem = (path: string, message: string): CairnError =>
    new CairnError("request.invalid", `The request is not valid. ${path}: ${message}`, {
      problems: [{ path, code: "custom", message }],
    });
  if (mapped.length > 0 && roleClaim === null) throw problem("role_claim", "roles are read from a claim: name it");
  if (mapped.length === 0 && defaultRole === null)
    throw problem("default_role", "without roles or a default_role, everyone would be refused");
};
