/** Whether calls need a sign-in, whether what protects it is kept well, and whether the record of calls is whole. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { showHead } from "@cairn/directory/ledger/audit-chain";
import type { Tenants } from "@cairn/directory/tenants";
import { toCairnError } from "@cairn/kernel/error";
import { isLoopback } from "@cairn/server/rest/door";
import type { OpenServices } from "@cairn/server/services";
import type { Settings } from "@cairn/server/settings";
import { sizeText } from "../output/size-text.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

/** The newest entries of a chain; all of it is for `cairn admin audit verify`. */
const newest = 1_000;
/** Chains of more organisations are not looked at here. */
const mostChains = 100;
/** Longer than any server that runs lets its records wait. */
const waitsTooLongMs = 3_600_000;

type Access = Pick<Settings, "access" | "host" | "database" | "data">;

const checkSignIn = ({ access, host }: Access, isOn: boolean): readonly Finding[] => {
  const beyond = !isLoopback(host);
  if (!isOn && beyond) {
    const fix = access.auth === "off" ? "Set CAIRN_AUTH to auto, then: cairn admin init" : "cairn admin init";
    return [problem("sign-in", `Off, so a server refuses to listen on ${host}.`, fix)];
  }
  if (!isOn) return [note("sign-in", "Off: this machine alone reaches a server. For others: cairn admin init")];
  if (beyond && access.publicUrl === null) {
    return [
      ok("sign-in", "On: calls need a key or a sign-in"),
      problem(
        "public address",
        `A server listens on ${host} and does not know the address that people use: links in mails and sign-in need it.`,
        "Set CAIRN_PUBLIC_URL, such as https://memory.example.com",
      ),
    ];
  }
  return [ok("sign-in", "On: calls need a key or a sign-in")];
};

const checkSecret = async ({ access, database, data }: Access, isOn: boolean): Promise<readonly Finding[]> => {
  if (access.secrets !== null) return [ok("secret", `Set by the settings (${access.secrets.length})`)];
  if (database !== null) {
    if (!isOn) return [];
    const fix = "Set CAIRN_SECRET to what `openssl rand -base64 32` prints, the same for all servers";
    return [problem("secret", "CAIRN_SECRET is not set: servers on a database need the same one.", fix)];
  }
  const path = join(data, "secret");
  const found = await stat(path).catch(() => null);
  if (found === null || process.platform === "win32") return [];
  if ((found.mode & 0o077) === 0) return [ok("secret", `${path}, which its owner alone can read`)];
  return [problem("secret", `${path} can be read by others: it protects keys and sessions.`, `chmod 600 ${path}`)];
};

const checkChain = async ({ ledger }: Pick<Tenants, "ledger">, organisation: string): Promise<string | null> => {
  const head = await ledger.head(organisation);
  const after = await ledger.headAt(organisation, Math.max(0, head.seq - newest));
  if (after === null) return `entry ${Math.max(0, head.seq - newest)} is missing`;
  const { problem: found, at } = await ledger.verify(organisation, { after, most: newest });
  return found === null ? null : `${found} at position ${at ?? "?"}, before ${showHead(head).slice(0, 20)}…`;
};

const checkAudit = async (tenants: Tenants, signal: AbortSignal): Promise<Finding> => {
  const organisations = await tenants.organisations.page({ limit: mostChains });
  const broken: string[] = [];
  for (const { id, slug } of organisations) {
    signal.throwIfAborted();
    const wrong = await checkChain(tenants, id);
    if (wrong !== null) broken.push(`${slug}: ${wrong}`);
  }
  if (broken.length === 0) return ok("audit", `Whole as far as looked at (the newest ${newest} entries of each chain)`);
  return problem("audit", `Not as it was written. ${broken.join("; ")}`, "cairn admin audit verify --org ORG");
};

/** Records of calls that no server has taken into the directory yet. */
const checkSpool = async (data: string): Promise<readonly Finding[]> => {
  const names = await readdir(join(data, "spool"), { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.filter((name) => name.endsWith(".jsonl")).map((name) => stat(join(data, "spool", name)).catch(() => null)),
  );
  const waiting = files.filter((file) => file !== null && file.size > 0);
  if (waiting.length === 0) return [];
  const bytes = waiting.reduce((sum, file) => sum + (file?.size ?? 0), 0);
  const oldest = Math.min(...waiting.map((file) => file?.mtimeMs ?? Number.POSITIVE_INFINITY));
  const said = `${waiting.length} files (${sizeText(bytes)}) of usage and audit wait to be taken into the directory.`;
  if (Date.now() - oldest < waitsTooLongMs) return [note("records of calls", `${said} A server that runs does so.`)];
  return [problem("records of calls", `${said} They wait for long.`, "Start a server on this folder: cairn serve")];
};

export interface AccessCheck {
  readonly settings: Settings;
  readonly services: Pick<OpenServices, "access" | "tenants">;
  readonly signal: AbortSignal;
}

export const checkAccess = async ({ settings, services, signal }: AccessCheck): Promise<readonly Finding[]> => {
  const { access, tenants } = services;
  try {
    const isOn = await access.signsIn();
    const first = [...checkSignIn(settings, isOn), ...(await checkSecret(settings, isOn))];
    return [...first, ...(isOn ? [await checkAudit(tenants, signal)] : []), ...(await checkSpool(settings.data))];
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message, data } = toCairnError(error);
    return [problem("sign-in", `${message} [${code}]`, data.hint ?? "See what is said above")];
  }
};
