/** Refusals in words. None of them tells whether something exists. */
import { CairnError } from "@cairn/kernel/error";
import type { CallRefusal } from "@cairn/memory/permission/may-call";

export const signInRequired = (): CairnError =>
  new CairnError("auth.required", "This server asks who you are.", {
    hint: "Send a key as `Authorization: Bearer cairn_live_…`; an administrator makes one with `cairn admin key create`.",
  });

export const unknownSpace = (): CairnError =>
  new CairnError("space.not_found", "There is no such space, or it is not yours.", {
    hint: "List the spaces you may use with GET /v1/spaces.",
  });

export const refusalError = (refusal: CallRefusal): CairnError => {
  switch (refusal.why) {
    case "not_signed_in":
      return signInRequired();
    case "scope":
      return new CairnError("auth.scope_missing", `This credential is not for this: it lacks ${refusal.scope}.`, {
        hint: `Use a key with the scope ${refusal.scope}.`,
      });
    case "bound":
      return new CairnError("auth.forbidden", "This credential reaches one space only; this call is about more.");
    case "role":
      return new CairnError("auth.forbidden", `This takes the role ${refusal.least} in the organisation.`);
    case "server":
      return new CairnError("auth.forbidden", "This is for administrators of the server.");
  }
};
