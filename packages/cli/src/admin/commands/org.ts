import { textOf } from "../../command.ts";
import { escapeLine } from "../../output/escape-text.ts";
import {
  adminCommand,
  dayOf,
  pageOf,
  pageOptions,
  principalOf,
  say,
  type Shell,
  showFields,
  showTable,
  type Verb,
  wrong,
  yesOption,
} from "../shell.ts";

const planOf = (text: string | undefined): { readonly plan?: string | null } =>
  text === undefined ? {} : { plan: text === "default" ? null : text };

const list: Verb = async (shell) => {
  const { listOrganisations } = await import("@cairn/operations/operations/organisations/list");
  const answer = await shell.call(listOrganisations, { all: true, ...pageOf(shell.given) });
  const rows = answer.organisations.map(({ id, slug, name, plan, status, createdAt }) => [
    slug,
    name,
    plan ?? "default",
    status,
    dayOf(createdAt),
    id,
  ]);
  return showTable(shell, answer, ["org", "name", "plan", "status", "since", "id"], rows);
};

const create: Verb = async (shell, [name = ""]) => {
  const { createOrganisation } = await import("@cairn/operations/operations/organisations/create");
  const { given } = shell;
  const admin = textOf(given, "admin");
  const slug = textOf(given, "slug");
  const made = await shell.call(createOrganisation, {
    name,
    ...(slug === undefined ? {} : { slug }),
    ...planOf(textOf(given, "plan")),
    ...(admin === undefined ? {} : { admin: await principalOf(shell, admin) }),
  });
  return say(shell, made, `Made ${escapeLine(made.name)}: --org ${made.slug} (${made.id})`);
};

const show: Verb = async (shell, [org = ""]) => {
  const { getOrganisation } = await import("@cairn/operations/operations/organisations/get");
  const found = await shell.call(getOrganisation, { id: org });
  return showFields(shell, found, [
    ["org", found.slug],
    ["name", found.name],
    ["id", found.id],
    ["plan", found.plan ?? "default"],
    ["status", found.status],
    ["default space", found.defaultSpace],
    ["made", found.createdAt],
    ["changed", found.updatedAt],
  ]);
};

const change = async (shell: Shell, id: string, values: object) => {
  const { updateOrganisation } = await import("@cairn/operations/operations/organisations/update");
  return shell.call(updateOrganisation, { id, ...values });
};

const update: Verb = async (shell, [org = ""]) => {
  const [name, slug] = [textOf(shell.given, "name"), textOf(shell.given, "slug")];
  const values = {
    ...(name === undefined ? {} : { name }),
    ...(slug === undefined ? {} : { slug }),
    ...planOf(textOf(shell.given, "plan")),
  };
  if (Object.keys(values).length === 0) throw wrong("Change what? Give --name, --slug or --plan.", "org");
  const changed = await change(shell, org, values);
  return say(
    shell,
    changed,
    `Changed ${escapeLine(changed.name)} (org ${changed.slug}, plan ${changed.plan ?? "default"})`,
  );
};

const suspend: Verb = async (shell, [org = ""]) => {
  const changed = await change(shell, org, { status: "suspended" });
  return say(shell, changed, `Suspended ${escapeLine(changed.name)}: everything is kept, no call is answered`);
};

const resume: Verb = async (shell, [org = ""]) => {
  const changed = await change(shell, org, { status: "active" });
  return say(shell, changed, `${escapeLine(changed.name)} is served again`);
};

const remove: Verb = async (shell, [org = ""]) => {
  const { removeOrganisation } = await import("@cairn/operations/operations/organisations/remove");
  return say(shell, await shell.call(removeOrganisation, { id: org }), `Removed ${escapeLine(org)}`);
};

export const org = adminCommand({
  name: "org",
  summary: "Make, change, suspend and remove organisations (tenants)",
  verbs: {
    list: { usage: "", run: list },
    create: { usage: "<name> [--slug SLUG] [--plan PLAN] [--admin WHO]", words: ["name"], run: create },
    show: { usage: "<org>", words: ["organisation"], run: show },
    update: { usage: "<org> [--name NAME] [--slug SLUG] [--plan PLAN]", words: ["organisation"], run: update },
    suspend: { usage: "<org>", words: ["organisation"], run: suspend },
    resume: { usage: "<org>", words: ["organisation"], run: resume },
    remove: {
      usage: "<org> --yes",
      words: ["organisation"],
      asks: (it) => `Remove the organisation ${it} with all its spaces, memories, members and keys?`,
      run: remove,
    },
  },
  options: [
    { name: "name", value: "NAME", describe: "What people call it." },
    { name: "slug", value: "SLUG", describe: "Its short name: a-z, 0-9 and dashes; made from the name when absent." },
    { name: "plan", value: "PLAN", describe: "A plan of the settings; default: the server's default one." },
    { name: "admin", value: "WHO", describe: "Its first admin, by address or as user:<id>." },
    yesOption,
    ...pageOptions,
  ],
  notes: ["An organisation is a tenant: its people, keys, spaces, plan, usage and audit. More: docs/administration.md"],
});
