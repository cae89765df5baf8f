/**
 * Who may change whom a space is for (COL-2). Managing a space is enough to open it to its organisation; opening it to
 * others, or taking it from the organisation, is for an admin.
 */
import type { SpaceChange, SpaceRecord } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import type { Identity } from "@cairn/memory/permission/identity";
import type { Visibility } from "@cairn/memory/permission/permission";
import { isDefaultSpace } from "./space-record.ts";

const isAdmin = ({ principal, role }: Identity): boolean => principal === "local" || role === "admin";

/** Throws auth.forbidden. */
export const requireOpening = (identity: Identity): void => {
  if (isAdmin(identity)) return;
  throw new CairnError("auth.forbidden", "Only an admin of the organisation makes a space public.", {
    hint: "Ask an admin, or grant those who need it.",
  });
};

const requireTaking = (identity: Identity, space: SpaceRecord): void => {
  if (isDefaultSpace(space))
    throw new CairnError("request.invalid", "The default space is the organisation's and cannot be private.");
  if (isAdmin(identity)) return;
  throw new CairnError("auth.forbidden", "Only an admin of the organisation makes one of its spaces private.");
};

/**
 * What is to be changed of a space that the caller may manage. Whoever makes it private owns it; a private one keeps its
 * owner. Throws auth.forbidden, request.invalid.
 */
export const visibilityChange = (identity: Identity, before: SpaceRecord, visibility: Visibility): SpaceChange => {
  if (visibility === before.visibility) return {};
  if (visibility === "public") requireOpening(identity);
  if (visibility !== "private") return { visibility, owner: null };
  requireTaking(identity, before);
  return { visibility, owner: identity.principal };
};
