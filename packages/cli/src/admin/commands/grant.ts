import { textOf } from "../../command.ts";
import { escapeLine } from "../../output/escape-text.ts";
import { adminCommand, dayOf, orgOption, principalOf, say, showTable, type Verb, wrong } from "../shell.ts";

const list: Verb = async (shell, [space = ""]) => {
  const { listGrants } = await import("@cairn/operations/operations/grants/list");
  const answer = await shell.call(listGrants, { space });
  const rows = answer.grants.map(({ principal, actions, createdAt }) => [
    principal,
    actions.join(", ") || "nothing",
    dayOf(createdAt),
  ]);
  return showTable(shell, answer, ["principal", "may", "since"], rows);
};

const set: Verb = async (shell, [space = "", who = ""]) => {
  const given = textOf(shell.given, "actions");
  if (given === undefined) throw wrong("What may they? --actions read,write, or none to shut them out.", "grant");
  const { setGrant } = await import("@cairn/operations/operations/grants/set");
  const actions = given === "none" ? [] : given.split(",").map((action) => action.trim());
  const made = await shell.call(setGrant, { space, principal: await principalOf(shell, who), actions });
  return say(shell, made, `${escapeLine(who)} may ${made.actions.join(", ") || "nothing"} in ${escapeLine(space)}`);
};

const remove: Verb = async (shell, [space = "", who = ""]) => {
  const { removeGrant } = await import("@cairn/operations/operations/grants/remove");
  const gone = await shell.call(removeGrant, { space, principal: await principalOf(shell, who) });
  return say(shell, gone, `What ${escapeLine(who)} may in ${escapeLine(space)} follows from the role again`);
};

export const grant = adminCommand({
  name: "grant",
  summary: "Say what somebody may do to one space, whatever their role",
  verbs: {
    list: { usage: "<space> [--org ORG]", words: ["space"], run: list },
    set: { usage: "<space> <who> --actions LIST [--org ORG]", words: ["space", "person"], run: set },
    remove: { usage: "<space> <who> [--org ORG]", words: ["space", "person"], run: remove },
  },
  options: [
    {
      name: "actions",
      value: "LIST",
      describe: "Of read, write, delete and manage, with commas between; none: shut out.",
    },
    orgOption,
  ],
  notes: [
    "A grant replaces what the role would give. Who: an address, user:<id>, key:<id> or external:<provider>:<subject>.",
  ],
});
