import { flagOf, textOf } from "../../command.ts";
import { escapeLine } from "../../output/escape-text.ts";
import { passwordOption, readPassword } from "../read-password.ts";
import {
  adminCommand,
  dayOf,
  pageOf,
  pageOptions,
  principalOf,
  say,
  showFields,
  showTable,
  type Verb,
  wrong,
  yesOption,
} from "../shell.ts";

const list: Verb = async (shell) => {
  const { listPeople } = await import("@cairn/operations/operations/people/list");
  const answer = await shell.call(listPeople, { ...pageOf(shell.given), email: textOf(shell.given, "email") });
  const rows = answer.people.map(({ email, name, verified, twoFactor, disabledAt, createdAt, principal }) => [
    email,
    name,
    disabledAt === null ? (verified ? "active" : "not verified") : "disabled",
    twoFactor ? "yes" : "no",
    dayOf(createdAt),
    principal,
  ]);
  return showTable(shell, answer, ["email", "name", "state", "two-factor", "since", "principal"], rows);
};

const create: Verb = async (shell, [email = ""]) => {
  const [{ showPerson }, { shellNote }] = await Promise.all([
    import("@cairn/operations/schemas/person"),
    import("@cairn/server/access/shell-note"),
  ]);
  const { host, given, local } = shell;
  const { access } = local.services;
  const byMail = flagOf(given, "mail");
  if (byMail && local.settings.mail.url === null) {
    throw wrong("No mail can be sent: set CAIRN_MAIL_URL, or leave --mail out for a password.", "user");
  }
  const chosen = byMail ? null : await readPassword(host, given);
  const accounts = await access.accounts();
  const made = await accounts.createPerson(
    {
      email,
      name: textOf(given, "name") ?? email.split("@")[0] ?? email,
      // Whoever has the shell vouches for the address; a link that goes there proves it by itself.
      verified: chosen !== null,
      ...(chosen === null ? {} : { password: chosen.password }),
    },
    await shellNote(access, local.settings, "people.create"),
  );
  const shown = { ...showPerson(made), ...(chosen?.made === true ? { password: chosen.password } : {}) };
  const how =
    chosen === null
      ? "A link to choose a password goes there by mail."
      : chosen.made
        ? `The password is shown this once; it can be changed at /account:\n${chosen.password}`
        : "They sign in with that password.";
  return say(shell, shown, `Made the account of ${escapeLine(made.email)} (${made.principal}). ${how}`);
};

const show: Verb = async (shell, [who = ""]) => {
  const { getPerson } = await import("@cairn/operations/operations/people/get");
  const found = await shell.call(getPerson, { principal: await principalOf(shell, who) });
  const belongs = await shell.local.services.tenants.organisations.membershipsOf(found.principal);
  const { find } = shell.local.services.tenants.organisations;
  const organisations = await Promise.all(
    belongs.map(async ({ organisation, role }) => `${(await find(organisation))?.slug ?? organisation} (${role})`),
  );
  return showFields(shell, found, [
    ["email", found.email],
    ["name", found.name],
    ["principal", found.principal],
    ["verified", found.verified ? "yes" : "no"],
    ["two-factor", found.twoFactor ? "yes" : "no"],
    ["password", found.hasPassword ? "yes" : "none"],
    ["disabled", found.disabledAt],
    ["since", found.createdAt],
    ["belongs to", organisations.join(", ") || "no organisation"],
  ]);
};

const disable: Verb = async (shell, [who = ""]) => {
  const { disablePerson } = await import("@cairn/operations/operations/people/disable");
  const changed = await shell.call(disablePerson, { principal: await principalOf(shell, who) });
  return say(shell, changed, `${escapeLine(changed.email)} cannot sign in, nor use a key, until they are enabled`);
};

const enable: Verb = async (shell, [who = ""]) => {
  const { enablePerson } = await import("@cairn/operations/operations/people/enable");
  const changed = await shell.call(enablePerson, { principal: await principalOf(shell, who) });
  return say(shell, changed, `${escapeLine(changed.email)} can sign in again`);
};

const password: Verb = async (shell, [who = ""]) => {
  const { shellNote } = await import("@cairn/server/access/shell-note");
  const { host, given, local } = shell;
  const { access } = local.services;
  const principal = await principalOf(shell, who);
  const chosen = await readPassword(host, given);
  const note = await shellNote(access, local.settings, "people.set_password");
  await (await access.accounts()).setPassword(principal, chosen.password, note);
  const shown = { success: true, principal, ...(chosen.made ? { password: chosen.password } : {}) };
  const tail = chosen.made ? ` The password is shown this once:\n${chosen.password}` : "";
  return say(shell, shown, `Set. All sessions of ${escapeLine(who)} have ended.${tail}`);
};

const resetTwoFactor: Verb = async (shell, [who = ""]) => {
  const { resetSecondFactor } = await import("@cairn/operations/operations/people/reset-second-factor");
  const changed = await shell.call(resetSecondFactor, { principal: await principalOf(shell, who) });
  return say(shell, changed, `${escapeLine(changed.email)} signs in with the password alone; all sessions have ended`);
};

const remove: Verb = async (shell, [who = ""]) => {
  const { removePerson } = await import("@cairn/operations/operations/people/remove");
  const gone = await shell.call(removePerson, { principal: await principalOf(shell, who) });
  return say(shell, gone, `Removed the account of ${escapeLine(who)}; what they wrote stays`);
};

export const user = adminCommand({
  name: "user",
  summary: "Make, disable and remove the accounts of people",
  verbs: {
    list: { usage: "[--email ADDRESS]", run: list },
    create: { usage: "<email> [--name NAME] [--password-stdin | --mail]", words: ["address"], run: create },
    show: { usage: "<who>", words: ["person"], run: show },
    disable: { usage: "<who>", words: ["person"], run: disable },
    enable: { usage: "<who>", words: ["person"], run: enable },
    password: { usage: "<who> [--password-stdin]", words: ["person"], run: password },
    "reset-two-factor": {
      usage: "<who> --yes",
      words: ["person"],
      asks: (it) => `Take the second factor of ${it} away?`,
      run: resetTwoFactor,
    },
    remove: {
      usage: "<who> --yes",
      words: ["person"],
      asks: (it) => `Remove the account of ${it}, with their memberships and keys, for good?`,
      run: remove,
    },
  },
  options: [
    { name: "email", value: "ADDRESS", describe: "Only the person of this address." },
    { name: "name", value: "NAME", describe: "What they are called; the address's first part when absent." },
    passwordOption,
    { name: "mail", describe: "Send a link to choose a password instead of making one." },
    yesOption,
    ...pageOptions,
  ],
  notes: [
    "An account belongs to no organisation by itself: cairn admin member add. Or invite: cairn admin invite create.",
    "People are named by their address, or as user:<id>.",
  ],
});
