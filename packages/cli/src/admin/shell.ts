/**
 * What the commands behind `cairn admin` share: the organisation that they are about, people by address or principal,
 * and how answers are shown. Whoever can open the data folder or the database may do everything, so nobody signs in.
 */
import { CairnError } from "@cairn/kernel/error";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { type Command, flagOf, type Given, jsonOption, type Option, textOf } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import type { Call, Local } from "../local/open-local.ts";
import { withLocal } from "../local/with-local.ts";
import { dataOptions } from "../options/data-options.ts";
import { canAsk, confirm } from "../output/confirm.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { styleFor } from "../output/style.ts";
import { tableText } from "../output/table.ts";

export interface Shell {
  readonly host: Host;
  readonly given: Given;
  readonly json: boolean;
  readonly local: Local;
  /** Calls an operation in the organisation that `--org` names, or in the home one. */
  readonly call: Call;
  /** Its id. */
  readonly organisation: string;
}

export const orgOption: Option = {
  name: "org",
  value: "ORG",
  describe: "The organisation, by id or short name; the server's own, home, when absent.",
};
export const yesOption: Option = { name: "yes", short: "y", describe: "Do not ask before what cannot be undone." };
export const pageOptions: readonly Option[] = [
  { name: "limit", value: "N", type: "number", describe: "How many at most." },
  { name: "cursor", value: "TEXT", describe: "Where the page before ended." },
];

export const pageOf = (given: Given): { readonly limit?: number; readonly cursor?: string } => {
  const [limit, cursor] = [textOf(given, "limit"), textOf(given, "cursor")];
  return { ...(limit === undefined ? {} : { limit: Number(limit) }), ...(cursor === undefined ? {} : { cursor }) };
};

export const wrong = (what: string, name: string): CairnError =>
  new CairnError("request.invalid", what, { hint: `cairn help admin ${name}` });

const organisationOf = async (local: Local, given: Given): Promise<string> => {
  const wanted = textOf(given, "org");
  if (wanted === undefined) return homeOrganisation;
  const found = await local.services.tenants.organisations.lookUp(wanted);
  if (found !== null) return found.id;
  throw new CairnError("organisation.not_found", "There is no such organisation.", { hint: "cairn admin org list" });
};

export const withShell = (host: Host, given: Given, work: (shell: Shell) => Promise<ExitCode>): Promise<ExitCode> =>
  withLocal(host, given, async (local) => {
    const organisation = await organisationOf(local, given);
    return work({ host, given, json: flagOf(given, "json"), local, organisation, call: local.callIn(organisation) });
  });

/** `words`: what follows the verb. */
export type Verb = (shell: Shell, words: readonly string[]) => Promise<ExitCode>;

export interface VerbUse {
  /** What follows the verb, such as `<email> --name NAME`. */
  readonly usage: string;
  /** How many words must follow, and may; those that must are asked for by name. */
  readonly words?: readonly string[];
  readonly optional?: number;
  /** What is asked before it is done, unless --yes is given; `it` is the first word. */
  readonly asks?: (it: string) => string;
  readonly run: Verb;
}

export interface Described {
  readonly name: string;
  readonly summary: string;
  readonly verbs: Readonly<Record<string, VerbUse>>;
  readonly options: readonly Option[];
  readonly notes?: readonly string[];
}

/** A command whose first word is a verb of a table. */
export const adminCommand = ({ name, summary, verbs, options, notes }: Described): Command => {
  const names = Object.keys(verbs);
  const most = Math.max(...Object.values(verbs).map(({ words = [], optional = 0 }) => words.length + optional));
  return {
    name: `admin ${name}`,
    summary,
    usage: Object.entries(verbs).map(([verb, { usage }]) => `${verb} ${usage}`.trimEnd()),
    arguments: { least: 1, most: 1 + most, choices: names },
    options: [...options, jsonOption, ...dataOptions],
    ...(notes === undefined ? {} : { notes }),
    run: async (host, given) => {
      const [verb = "", ...words] = given.arguments;
      const use = verbs[verb];
      if (use === undefined) throw wrong(`There is no ${verb}.`, name);
      const { words: needed = [], optional = 0, asks } = use;
      const missing = needed[words.length];
      if (missing !== undefined) throw wrong(`Which ${missing}? cairn admin ${name} ${verb} ${use.usage}`, name);
      if (words.length > needed.length + optional) {
        throw wrong(`There is one word too many: cairn admin ${name} ${verb} ${use.usage}`, name);
      }
      if (asks !== undefined && !flagOf(given, "yes")) {
        const question = asks(escapeLine(words[0] ?? ""));
        if (!canAsk(host)) throw wrong(`${question} Add --yes to do it without being asked.`, name);
        if (!(await confirm(host, question, false))) return exitCodes.failure;
      }
      return withShell(host, given, (shell) => use.run(shell, words));
    },
  };
};

/** One line for people, or the whole answer. */
export const say = async ({ host, json }: Shell, answer: unknown, line: string): Promise<ExitCode> => {
  if (json) await printJson(host, answer);
  else await host.out.write(`${line}\n`);
  return exitCodes.ok;
};

/** A table for people, or the whole answer; says how to go on where there is more. */
export const showTable = async (
  { host, json }: Shell,
  answer: object,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<ExitCode> => {
  if (json) {
    await printJson(host, answer);
    return exitCodes.ok;
  }
  await host.out.write(tableText(headings, rows, styleFor(host, host.out)));
  const given: Readonly<Record<string, unknown>> = { ...answer };
  const next = given["cursor"] ?? given["nextCursor"];
  if (typeof next === "string") await host.err.write(`There is more: --cursor ${escapeLine(next)}\n`);
  return exitCodes.ok;
};

/** Names and values under each other, or the whole answer. */
export const showFields = async (
  { host, json }: Shell,
  answer: unknown,
  fields: readonly (readonly [string, string | number | null])[],
): Promise<ExitCode> => {
  if (json) await printJson(host, answer);
  else {
    const { dim } = styleFor(host, host.out);
    const width = Math.max(...fields.map(([name]) => name.length));
    const shown = fields.filter(([, value]) => value !== null && value !== "");
    const lines = shown.map(([name, value]) => `${dim(name.padEnd(width))}  ${escapeLine(String(value))}\n`);
    await host.out.write(lines.join(""));
  }
  return exitCodes.ok;
};

/** `2026-03-14`, or a dash. */
export const dayOf = (instant: string | null): string => instant?.slice(0, 10) ?? "-";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** A principal by itself, or a person by address or id. Throws user.not_found. */
export const principalOf = async ({ local }: Shell, who: string): Promise<string> => {
  if (/^(?:user|external|key):/u.test(who)) return who;
  if (uuid.test(who)) return `user:${who}`;
  const found = who.includes("@") ? await local.services.tenants.people.findByEmail(who) : null;
  if (found !== null) return found.principal;
  throw new CairnError("user.not_found", `There is no person ${who}.`, {
    hint: "Name people by address or as user:<id>; see cairn admin user list",
  });
};
