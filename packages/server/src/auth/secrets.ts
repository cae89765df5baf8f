/**
 * The server's secrets: what API keys are hashed with, signing keys and second factors are sealed with, and sessions are
 * signed with. Everything is derived from one list, the newest first (HKDF-SHA256, RFC 5869), so that there is one thing
 * to keep and to change: a new secret is put before the old one, which stays until nothing needs it.
 *
 * Without the setting a laptop's server keeps a secret of its own in the data folder, readable by its owner alone. Many
 * servers on one database need the same secret, so there it must be set.
 */
import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";

export interface Secret {
  /** Names it without telling anything of it: 12 hexadecimal digits. */
  readonly id: string;
  /** 32 bytes for one purpose. */
  readonly derive: (purpose: string) => Buffer;
}

export interface Secrets {
  readonly current: Secret;
  /** The current one first. */
  readonly all: readonly Secret[];
  readonly find: (id: string) => Secret | null;
}

const derived = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "cairn", purpose, 32));

const secretOf = (secret: string): Secret => ({
  id: createHash("sha256").update(derived(secret, "id")).digest("hex").slice(0, 12),
  derive: (purpose) => derived(secret, purpose),
});

/** `given`: 32 characters or more each, the newest first. */
export const secretsOf = (given: readonly string[]): Secrets => {
  const all = given.map(secretOf);
  const [current] = all;
  if (current === undefined) throw new CairnError("config.invalid", "There is no secret.");
  return { current, all, find: (id) => all.find((one) => one.id === id) ?? null };
};

const fileName = "secret";

const readOwn = async (path: string): Promise<readonly string[] | null> => {
  try {
    const lines = (await readFile(path, "utf8")).split(/\s+/u).filter(Boolean);
    return lines.length === 0 ? null : lines;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new CairnError("config.invalid", `${path} cannot be read.`, {}, { cause: error });
  }
};

/** Of several processes that start at once, one makes it and all read the same. */
const makeOwn = async (folder: string, path: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${newId()}`;
  await writeFile(draft, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
};

export interface SecretsOptions {
  readonly secrets: readonly string[] | null;
  /** The data folder. */
  readonly data: string;
  readonly hasDatabase: boolean;
}

/** Throws config.invalid where many servers share a database and no secret is set. */
export const openSecrets = async ({ secrets, data, hasDatabase }: SecretsOptions): Promise<Secrets> => {
  if (secrets !== null) return secretsOf(secrets);
  if (hasDatabase) {
    throw new CairnError("config.invalid", "CAIRN_SECRET is not set: servers on a database need the same secret.", {
      hint: "Set CAIRN_SECRET to what `openssl rand -base64 32` prints, or CAIRN_SECRET_FILE to a file with it.",
    });
  }
  const path = join(data, fileName);
  const found = await readOwn(path);
  if (found !== null) return secretsOf(found);
  await makeOwn(data, path);
  return secretsOf((await readOwn(path)) ?? []);
};
