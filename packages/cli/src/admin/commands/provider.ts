import { textOf, textsOf } from "../../command.ts";
import { escapeLine } from "../../output/escape-text.ts";
import { adminCommand, orgOption, say, showFields, showTable, type Verb, wrong, yesOption } from "../shell.ts";

const list: Verb = async (shell) => {
  const { listProviders } = await import("@cairn/operations/operations/providers/list");
  const answer = await shell.call(listProviders, {});
  const rows = answer.providers.map(({ id, issuer, audience, defaultRole }) => [
    issuer,
    audience,
    defaultRole ?? "-",
    id,
  ]);
  return showTable(shell, answer, ["issuer", "audience", "default role", "id"], rows);
};

/** `claim value=role`. */
const roleOf = (text: string): { readonly value: string; readonly role: string } => {
  const at = text.lastIndexOf("=");
  if (at > 0) return { value: text.slice(0, at), role: text.slice(at + 1) };
  throw wrong(`--map is VALUE=ROLE, such as --map staff=editor; this is ${JSON.stringify(text)}.`, "provider");
};

const create: Verb = async (shell, [issuer = ""]) => {
  const { given } = shell;
  const text = (name: string): string | undefined => textOf(given, name);
  const [audience, jwksUri] = [text("audience"), text("jwks")];
  if (audience === undefined || jwksUri === undefined) {
    throw wrong("Whose tokens, and for whom? Give --audience NAME and --jwks URL.", "provider");
  }
  const { createProvider } = await import("@cairn/operations/operations/providers/create");
  const values = {
    subjectClaim: text("subject-claim"),
    roleClaim: text("role-claim"),
    defaultRole: text("default-role"),
    space: text("space"),
    algorithms: textsOf(given, "algorithm"),
    roles: textsOf(given, "map")?.map(roleOf),
    scopes: text("scopes")?.split(","),
  };
  const set = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const made = await shell.call(createProvider, { issuer, audience, jwksUri, ...set });
  return say(
    shell,
    made,
    `Tokens of ${escapeLine(made.issuer)} for ${escapeLine(made.audience)} are believed (${made.id})`,
  );
};

const show: Verb = async (shell, [id = ""]) => {
  const { getProvider } = await import("@cairn/operations/operations/providers/get");
  const found = await shell.call(getProvider, { id });
  return showFields(shell, found, [
    ["id", found.id],
    ["issuer", found.issuer],
    ["audience", found.audience],
    ["keys", found.jwksUri],
    ["algorithms", found.algorithms.join(", ")],
    ["subject", found.subjectClaim],
    ["role claim", found.roleClaim],
    ["roles", found.roles.map(({ value, role }) => `${value}=${role}`).join(", ")],
    ["default role", found.defaultRole],
    ["scopes", found.scopes.join(", ")],
    ["space", found.space],
  ]);
};

const remove: Verb = async (shell, [id = ""]) => {
  const { removeProvider } = await import("@cairn/operations/operations/providers/remove");
  return say(shell, await shell.call(removeProvider, { id }), "Its tokens are refused from now on");
};

export const provider = adminCommand({
  name: "provider",
  summary: "Believe the tokens of an organisation's own identity provider",
  verbs: {
    list: { usage: "[--org ORG]", run: list },
    create: { usage: "<issuer> --audience NAME --jwks URL [options]", words: ["issuer"], run: create },
    show: { usage: "<id> [--org ORG]", words: ["provider"], run: show },
    remove: {
      usage: "<id> --yes [--org ORG]",
      words: ["provider"],
      asks: (it) => `Refuse all tokens of the provider ${it}?`,
      run: remove,
    },
  },
  options: [
    { name: "audience", value: "NAME", describe: "What aud of its tokens must hold." },
    { name: "jwks", value: "URL", describe: "Where it publishes its keys." },
    { name: "algorithm", value: "NAME", repeat: true, describe: "How its tokens may be signed; RS256 when absent." },
    { name: "subject-claim", value: "NAME", describe: "The claim that names a person; sub when absent." },
    { name: "role-claim", value: "NAME", describe: "The claim that says a person's role." },
    { name: "map", value: "VALUE=ROLE", repeat: true, describe: "Which value of it gives which role." },
    {
      name: "default-role",
      value: "ROLE",
      choices: ["admin", "editor", "viewer"],
      describe: "Of those with no such value.",
    },
    { name: "scopes", value: "LIST", describe: "What its tokens may be used for, with commas between." },
    { name: "space", value: "SPACE", describe: "The only space that its tokens reach." },
    orgOption,
    yesOption,
  ],
});
