import { textOf } from "../../command.ts";
import { escapeLine } from "../../output/escape-text.ts";
import {
  adminCommand,
  dayOf,
  orgOption,
  pageOf,
  pageOptions,
  principalOf,
  say,
  showTable,
  type Verb,
  wrong,
  yesOption,
} from "../shell.ts";

const list: Verb = async (shell) => {
  const { listMembers } = await import("@cairn/operations/operations/members/list");
  const answer = await shell.call(listMembers, pageOf(shell.given));
  const rows = answer.members.map(({ principal, role, name, email, createdAt }) => [
    email ?? "-",
    name ?? "-",
    role,
    dayOf(createdAt),
    principal,
  ]);
  return showTable(shell, answer, ["email", "name", "role", "since", "principal"], rows);
};

const add: Verb = async (shell, [who = ""]) => {
  const { addMember } = await import("@cairn/operations/operations/members/add");
  const role = textOf(shell.given, "role") ?? "editor";
  const made = await shell.call(addMember, { principal: await principalOf(shell, who), role });
  return say(shell, made, `${escapeLine(made.email ?? made.principal)} is a member now, as ${made.role}`);
};

const set: Verb = async (shell, [who = ""]) => {
  const role = textOf(shell.given, "role");
  if (role === undefined) throw wrong("Which role? cairn admin member set <who> --role ROLE", "member");
  const { updateMember } = await import("@cairn/operations/operations/members/update");
  const changed = await shell.call(updateMember, { principal: await principalOf(shell, who), role });
  return say(shell, changed, `${escapeLine(changed.email ?? changed.principal)} is ${changed.role} now`);
};

const remove: Verb = async (shell, [who = ""]) => {
  const { removeMember } = await import("@cairn/operations/operations/members/remove");
  const gone = await shell.call(removeMember, { principal: await principalOf(shell, who) });
  return say(shell, gone, `${escapeLine(who)} is no member any more; keys that acted for them work no more`);
};

export const member = adminCommand({
  name: "member",
  summary: "Say who belongs to an organisation, in which role",
  verbs: {
    list: { usage: "[--org ORG]", run: list },
    add: { usage: "<who> [--role ROLE] [--org ORG]", words: ["person"], run: add },
    set: { usage: "<who> --role ROLE [--org ORG]", words: ["person"], run: set },
    remove: {
      usage: "<who> --yes [--org ORG]",
      words: ["person"],
      asks: (it) => `Remove ${it} from the organisation, with their grants and keys?`,
      run: remove,
    },
  },
  options: [
    {
      name: "role",
      value: "ROLE",
      choices: ["admin", "editor", "viewer"],
      describe: "What they may; editor when absent.",
    },
    orgOption,
    yesOption,
    ...pageOptions,
  ],
  notes: [
    "People are named by their address, or as user:<id>. Admins do all, editors read and write, viewers read; an admin of",
    "the organisation home administers the server.",
  ],
});
