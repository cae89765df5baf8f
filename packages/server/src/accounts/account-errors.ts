/** What accounts refuse, in words that tell nothing of who has an account. */
import { CairnError } from "@cairn/kernel/error";

export const signInFirst = (): CairnError =>
  new CairnError("auth.required", "This needs a person who is signed in.", { hint: "POST /auth/sign-in" });

/** Wrong in whatever way: the same words for all. */
export const notGood = (): CairnError =>
  new CairnError("auth.invalid", "That is not right.", {
    hint: "Check address, password and code. An account can be used once its address is confirmed.",
  });

export const linkInvalid = (): CairnError =>
  new CairnError("auth.link_invalid", "This link does not work, or no longer.", {
    hint: "Links work once and for a while; ask for a new one.",
  });
