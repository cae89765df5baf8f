import { numberOf, textOf, textsOf } from "../../command.ts";
import { escapeLine } from "../../output/escape-text.ts";
import {
  adminCommand,
  dayOf,
  orgOption,
  pageOf,
  pageOptions,
  principalOf,
  say,
  type Shell,
  showFields,
  showTable,
  type Verb,
  yesOption,
} from "../shell.ts";

const day = 86_400;

const list: Verb = async (shell) => {
  const { listKeys } = await import("@cairn/operations/operations/keys/list");
  const answer = await shell.call(listKeys, { ...pageOf(shell.given), space: textOf(shell.given, "space") });
  const rows = answer.keys.map((key) => [
    key.id,
    key.label,
    key.owner ?? `itself, ${key.role ?? ""}`,
    key.state,
    dayOf(key.expiresAt),
    dayOf(key.lastUsedAt),
  ]);
  return showTable(shell, answer, ["id", "label", "acts for", "state", "until", "last used"], rows);
};

/** The key alone on the last line, so that a script can take it from there. */
const showNew = (shell: Shell, made: { readonly key: string; readonly label: string }, what: string) =>
  say(shell, made, `${what} It is shown this once:\n${made.key}`);

const create: Verb = async (shell, [label = ""]) => {
  const { createKey } = await import("@cairn/operations/operations/keys/create");
  const { given } = shell;
  const [owner, days] = [textOf(given, "owner"), numberOf(given, "days")];
  const scopes = textOf(given, "scopes");
  const [{ scopes: all }] = [await import("@cairn/memory/permission/permission")];
  const made = await shell.call(createKey, {
    label,
    scopes: scopes === "all" ? [...all] : scopes?.split(",").map((scope) => scope.trim()),
    space: textOf(given, "space"),
    instance: textOf(given, "agent"),
    role: textOf(given, "role"),
    owner: owner === undefined ? undefined : await principalOf(shell, owner),
    addresses: textsOf(given, "address"),
    expiresIn: days === undefined ? undefined : days * day,
  });
  return showNew(shell, made, `Made the key ${escapeLine(made.label)} (${made.id}).`);
};

const show: Verb = async (shell, [id = ""]) => {
  const { getKey } = await import("@cairn/operations/operations/keys/get");
  const key = await shell.call(getKey, { id });
  return showFields(shell, key, [
    ["id", key.id],
    ["label", key.label],
    ["state", key.state],
    ["acts for", key.owner ?? `itself, as ${key.role ?? ""}`],
    ["scopes", key.scopes.join(", ")],
    ["space", key.space],
    ["agent", key.instance],
    ["addresses", key.addresses?.join(", ") ?? null],
    ["replaces", key.replaces],
    ["made", `${key.createdAt} by ${key.createdBy}`],
    ["until", key.expiresAt],
    ["revoked", key.revokedAt],
    ["last used", key.lastUsedAt],
  ]);
};

const rotate: Verb = async (shell, [id = ""]) => {
  const { rotateKey } = await import("@cairn/operations/operations/keys/rotate");
  const graceSeconds = numberOf(shell.given, "grace");
  const made = await shell.call(rotateKey, { id, ...(graceSeconds === undefined ? {} : { graceSeconds }) });
  const old = graceSeconds === 0 ? "works no more" : `works on for ${graceSeconds ?? day} seconds`;
  return showNew(shell, made, `The old key ${old}; this one (${made.id}) is as it was.`);
};

const revoke: Verb = async (shell, [id = ""]) => {
  const { revokeKey } = await import("@cairn/operations/operations/keys/revoke");
  const gone = await shell.call(revokeKey, { id });
  return say(shell, gone, `The key ${escapeLine(gone.label)} works no more, on any server`);
};

export const key = adminCommand({
  name: "key",
  summary: "Make, rotate and revoke API keys",
  verbs: {
    list: { usage: "[--space SPACE] [--org ORG]", run: list },
    create: { usage: "<label> [--owner WHO | --role ROLE] [--scopes LIST] [options]", words: ["label"], run: create },
    show: { usage: "<id> [--org ORG]", words: ["key"], run: show },
    rotate: { usage: "<id> [--grace SECONDS] [--org ORG]", words: ["key"], run: rotate },
    revoke: {
      usage: "<id> --yes [--org ORG]",
      words: ["key"],
      asks: (it) => `Revoke the key ${it} for good?`,
      run: revoke,
    },
  },
  options: [
    { name: "owner", value: "WHO", describe: "The member whose key it is, by address or as user:<id>." },
    {
      name: "role",
      value: "ROLE",
      choices: ["admin", "editor", "viewer"],
      describe: "Of a key that belongs to nobody, for servers and agents; editor when absent.",
    },
    {
      name: "scopes",
      value: "LIST",
      describe: "All that it may be used for, with commas between, or all; what an agent needs when absent.",
    },
    { name: "space", value: "SPACE", describe: "The only space that it reaches." },
    {
      name: "agent",
      value: "NAME",
      describe: "The agent that alone uses it: what it writes is recorded as this one's.",
    },
    { name: "address", value: "CIDR", repeat: true, describe: "Where it may be used from; anywhere when absent." },
    { name: "days", value: "N", type: "number", describe: "When it ends; never when absent." },
    {
      name: "grace",
      value: "SECONDS",
      type: "number",
      describe: "How long a rotated key works on; 86400 when absent.",
    },
    orgOption,
    yesOption,
    ...pageOptions,
  ],
  notes: ["A key is printed once, on the last line: it is kept nowhere. Scopes: docs/permissions.md"],
});
