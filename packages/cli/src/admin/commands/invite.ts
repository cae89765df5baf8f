import { numberOf, textOf } from "../../command.ts";
import { escapeLine } from "../../output/escape-text.ts";
import { adminCommand, dayOf, orgOption, pageOf, pageOptions, say, showTable, type Verb } from "../shell.ts";

const list: Verb = async (shell) => {
  const { listInvitations } = await import("@cairn/operations/operations/invitations/list");
  const answer = await shell.call(listInvitations, pageOf(shell.given));
  const rows = answer.invitations.map(({ id, email, role, state, expiresAt }) => [
    email,
    role,
    state,
    dayOf(expiresAt),
    id,
  ]);
  return showTable(shell, answer, ["email", "role", "state", "until", "id"], rows);
};

const create: Verb = async (shell, [email = ""]) => {
  const [{ createInvitation }, { joinUrl }] = await Promise.all([
    import("@cairn/operations/operations/invitations/create"),
    import("@cairn/server/accounts/tokens"),
  ]);
  const days = numberOf(shell.given, "days");
  const made = await shell.call(createInvitation, {
    email,
    role: textOf(shell.given, "role") ?? "editor",
    ...(days === undefined ? {} : { expiresInDays: days }),
  });
  const link = made.token === undefined ? null : joinUrl(shell.local.services.access.publicUrl(), made.token);
  const how = made.sent
    ? "It goes out by mail; this is the same link."
    : "No mail is sent from here: pass this link on.";
  const lines = [
    `Invited ${escapeLine(made.email)} as ${made.role}, until ${dayOf(made.expiresAt)}.`,
    ...(link === null ? [] : [`${how} It works once, for this address:`, link]),
  ];
  return say(shell, { ...made, link }, lines.join("\n"));
};

const revoke: Verb = async (shell, [id = ""]) => {
  const { revokeInvitation } = await import("@cairn/operations/operations/invitations/revoke");
  return say(shell, await shell.call(revokeInvitation, { id }), "The link is no good any more");
};

export const invite = adminCommand({
  name: "invite",
  summary: "Invite people to an organisation",
  verbs: {
    list: { usage: "[--org ORG]", run: list },
    create: { usage: "<email> [--role ROLE] [--days N] [--org ORG]", words: ["address"], run: create },
    revoke: { usage: "<id> [--org ORG]", words: ["invitation"], run: revoke },
  },
  options: [
    {
      name: "role",
      value: "ROLE",
      choices: ["admin", "editor", "viewer"],
      describe: "In the organisation; editor when absent.",
    },
    { name: "days", value: "N", type: "number", describe: "How long it can be accepted, 1 to 30; 7 when absent." },
    orgOption,
    ...pageOptions,
  ],
  notes: [
    "Mail goes out where CAIRN_MAIL_URL is set. Links begin with CAIRN_PUBLIC_URL: set it, or they name this machine.",
  ],
});
