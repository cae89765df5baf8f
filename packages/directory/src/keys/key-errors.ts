import { CairnError } from "@cairn/kernel/error";

/** The same words whether it never existed, has ended or belongs to someone else. */
export const unknownKey = (): CairnError =>
  new CairnError("key.not_found", "There is no such key, or it is not yours, or it does not work any more.", {
    hint: "List the keys you may see with GET /v1/auth/keys.",
  });
