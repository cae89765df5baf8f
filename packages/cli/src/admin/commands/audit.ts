import { type Command, flagOf, jsonOption, textOf } from "../../command.ts";
import { adminCommand, orgOption, pageOf, pageOptions, say, showTable, type Verb } from "../shell.ts";

const list: Verb = async (shell) => {
  const { listAudit } = await import("@cairn/operations/operations/audit/list");
  const text = (name: string): string | undefined => textOf(shell.given, name);
  const answer = await shell.call(listAudit, {
    ...pageOf(shell.given),
    from: text("from"),
    to: text("to"),
    principal: text("principal"),
    operation: text("operation"),
    kind: text("kind"),
    outcome: text("outcome"),
    space: text("space"),
    key: text("key"),
  });
  const rows = answer.entries.map(({ seq, at, principal, operation, outcome, code, address }) => [
    String(seq),
    at.replace(/\.\d+Z$/u, "Z"),
    principal,
    operation,
    code ?? outcome,
    address ?? "shell",
  ]);
  return showTable(shell, answer, ["no.", "at", "who", "what", "how", "from"], rows);
};

const exportChain: Verb = async (shell, [file = "-"]) => {
  const { runExport } = await import("../audit-export.ts");
  return runExport(shell, file);
};

const verify: Verb = async (shell) => {
  const { runVerify } = await import("../audit-export.ts");
  return runVerify(shell);
};

const head: Verb = async (shell) => {
  const { showHead } = await import("@cairn/directory/ledger/audit-chain");
  const found = showHead(await shell.local.services.tenants.ledger.head(shell.organisation));
  return say(shell, { organisation: shell.organisation, head: found }, found);
};

const overServer = adminCommand({
  name: "audit",
  summary: "Read, export and verify what was done",
  verbs: {
    list: { usage: "[--from TIME] [--principal WHO] [--operation NAME] [options]", run: list },
    export: { usage: "[<file>] [--org ORG]", optional: 1, run: exportChain },
    verify: { usage: "[--head HEAD] [--file FILE] [--org ORG]", run: verify },
    head: { usage: "[--org ORG]", run: head },
  },
  options: [
    { name: "from", value: "TIME", describe: "Happened then or later, such as 2026-03-14T12:00:00Z." },
    { name: "to", value: "TIME", describe: "Happened then or earlier." },
    { name: "principal", value: "WHO", describe: "Who did it, such as user:<id> or key:<id>." },
    { name: "operation", value: "NAME", describe: "What was done, such as memories.remember." },
    { name: "kind", value: "KIND", choices: ["read", "write", "administrate", "sign-in"], describe: "Which sort." },
    { name: "outcome", value: "HOW", choices: ["ok", "denied", "failed"], describe: "How it ended." },
    { name: "space", value: "SPACE", describe: "A space that was used." },
    { name: "key", value: "ID", describe: "The key that was used." },
    { name: "head", value: "HEAD", describe: "A head that was kept elsewhere and must be in the chain." },
    {
      name: "file",
      value: "FILE",
      completes: "file",
      describe: "Verify this export, without data folder or database.",
    },
    orgOption,
    ...pageOptions,
  ],
  notes: [
    "export writes a line of JSON for each entry, to a file that is not there yet or to standard output. verify exits with",
    "1 where the chain is broken, and says where. head prints the end of the chain: kept elsewhere, it shows later whether",
    "anything was cut off.",
  ],
});

export const audit: Command = {
  ...overServer,
  run: async (host, given) => {
    const file = textOf(given, "file");
    if (given.arguments[0] !== "verify" || file === undefined) return overServer.run(host, given);
    const { givenHead, verifyFile } = await import("../audit-export.ts");
    return verifyFile(host, { file, anchor: givenHead({ given }), json: flagOf(given, jsonOption.name) });
  },
};
