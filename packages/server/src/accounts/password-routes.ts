/** Forgetting and changing a password. Every change ends the other sessions, and its owner hears of it by mail. */
import { z } from "zod";
import { noticeLetter } from "../mail/letter.ts";
import { linkInvalid } from "./account-errors.ts";
import { requirePassword } from "./passwords.ts";
import { callAuth, email, password, principalOfEmail, told, welcome } from "./sign-in.ts";
import { requireEmail, sendReset } from "./sign-up.ts";
import { forgotUrl, tokenHash } from "./tokens.ts";
import { accountRoute, personOf, signedIn } from "./visit.ts";

const token = z.string().min(16).max(200);

const forgot = accountRoute("POST", "/password/forgot", z.strictObject({ email }), async (parts, visit, given) => {
  const address = requireEmail(given.email);
  await told(visit, "password.forgot", principalOfEmail(parts, address), () =>
    parts.limits.count("mail", visit.address, address),
  );
  parts.behind(async () => {
    const person = await parts.people.findByEmail(address);
    if (person !== null && person.disabledAt === null) await sendReset(parts, person, visit.origin);
  });
  return { body: { status: "mail_sent" } };
});

const reset = accountRoute(
  "POST",
  "/password/reset",
  z.strictObject({ token, password }),
  async (parts, visit, given) => {
    let principal = "anonymous";
    return told(
      visit,
      "password.reset",
      async () => principal,
      async () => {
        await parts.limits.count("link", visit.address, null);
        const hash = tokenHash(given.token);
        const proof = await parts.people.proofOf(hash);
        const person = proof?.kind === "reset" ? await parts.people.findByEmail(proof.email) : null;
        if (person === null || person.disabledAt !== null) throw linkInvalid();
        ({ principal } = person);
        // Before the link is used up: what is too short can be tried again.
        requirePassword(given.password, [person.email, person.name]);
        const passwordHash = await (await parts.auth()).hash(given.password);
        if ((await parts.people.useProof(hash)) === null) throw linkInvalid();
        await parts.people.setPassword(principal, passwordHash, true);
        await parts.limits.right("sign-in", person.email);
        return { body: { status: "ok" } };
      },
    );
  },
);

const change = accountRoute(
  "POST",
  "/password/change",
  z.strictObject({ current_password: password, new_password: password }),
  async (parts, visit, given) => {
    const { principal } = signedIn(visit);
    return told(visit, "password.change", principal, async () => {
      const person = await personOf(parts, principal);
      await parts.limits.count("password", visit.address, person.id);
      requirePassword(given.new_password, [person.email, person.name], "new_password");
      const answer = await callAuth(parts, visit, {
        path: "/change-password",
        body: {
          currentPassword: given.current_password,
          newPassword: given.new_password,
          revokeOtherSessions: true,
        },
      });
      await parts.limits.right("password", person.id);
      const notice = noticeLetter("The password of your account was changed.", forgotUrl(visit.origin));
      parts.mail.send({ to: person.email, letter: notice });
      return welcome(parts, visit, answer);
    });
  },
);

export const passwordRoutes = [forgot, reset, change];
