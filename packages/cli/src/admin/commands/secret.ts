import { adminCommand, type Shell, showTable, type Verb } from "../shell.ts";

const adviceFor = (uses: readonly { readonly state: string; readonly keys: number; readonly total: number }[]) => {
  if (uses.some(({ state }) => state === "missing")) {
    return "What needs a missing secret works no more: put that secret back behind the newest one.";
  }
  const older = uses.filter(({ state }) => state === "older");
  if (older.length === 0) return "There is one secret. To change it, put a new one before it: docs/administration.md";
  if (older.every(({ total }) => total === 0)) return "Nothing needs the older ones any more: they can go.";
  return "Keys move to the newest secret when they are next used; what is left needs the older ones.";
};

const status: Verb = async (shell: Shell) => {
  const { secretUses } = await import("@cairn/server/access/secret-uses");
  const { access, storage, tenants } = shell.local.services;
  const uses = await secretUses({ database: storage.directoryDatabase, tenants, secrets: await access.secrets() });
  const rows = uses.map(({ id, state, keys, signingKeys, secondFactors }) => [
    id,
    state,
    String(keys),
    String(signingKeys),
    String(secondFactors),
  ]);
  const advice = adviceFor(
    uses.map(({ state, keys, signingKeys, secondFactors }) => ({
      state,
      keys,
      total: keys + signingKeys + secondFactors,
    })),
  );
  const code = await showTable(
    shell,
    { secrets: uses, advice },
    ["secret", "is", "keys", "signing keys", "second factors"],
    rows,
  );
  if (!shell.json) await shell.host.out.write(`${advice}\n`);
  return code;
};

export const secret = adminCommand({
  name: "secret",
  summary: "See which of the server's secrets are still needed",
  verbs: { status: { usage: "", run: status } },
  options: [],
  notes: ["Secrets are named here by a digest that tells nothing of them. More: docs/administration.md"],
});
