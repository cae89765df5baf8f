/**
 * All that knowing who calls needs besides storage, put together for one process: the server's secrets, tokens, accounts
 * and mail, the ledger, and whether anybody has to sign in at all. What is not used is not opened: on a laptop without
 * sign-in nothing here costs more than a look into the directory's cache.
 */
import { peppersOf } from "@cairn/directory/keys/key-hash";
import { appendAudit } from "@cairn/directory/ledger/append-audit";
import { type Tenants, tenantsOver } from "@cairn/directory/tenants";
import type { Clock } from "@cairn/kernel/clock";
import type { Engine } from "@cairn/memory/space/engine";
import type { Services } from "@cairn/operations/context";
import type { CallRecord, PipelineOptions } from "@cairn/operations/pipeline";
import type { Accounts } from "../accounts/accounts.ts";
import { openTokens, type Tokens } from "../auth/open-tokens.ts";
import { openSecrets, type Secrets } from "../auth/secrets.ts";
import { makeSignInState } from "../auth/sign-in-state.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { freshLedger } from "../ledger/wire-ledger.ts";
import { type JobOperation, makeNoteOfJob, type NoteOfJob } from "./job-notes.ts";
import type { Mail } from "../mail/mail.ts";
import type { Settings } from "../settings.ts";
import type { Storage } from "../storage/storage.ts";

export type AccessChoices = Pick<
  Settings,
  "access" | "mail" | "plans" | "data" | "instance" | "database" | "host" | "port"
>;

export interface AccessOptions {
  readonly storage: Pick<Storage, "directory" | "directoryDatabase">;
  readonly engine: Engine;
  readonly settings: AccessChoices;
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
  /** Takes lines for people. */
  readonly warn: (line: string) => void;
  /** Where mail is printed that no server of mail takes; null: nowhere. */
  readonly print: ((text: string) => void) | null;
}

export interface Access {
  /** Whether calls need a credential. */
  readonly signsIn: () => Promise<boolean>;
  readonly secrets: () => Promise<Secrets>;
  readonly tenants: Tenants;
  readonly tokens: Tokens;
  readonly ledger: Ledger;
  readonly accounts: () => Promise<Accounts>;
  /** The address that people use; the server says its own once it listens. */
  readonly listensAt: (url: string) => void;
  readonly publicUrl: () => string;
  /** What operations need of all this. */
  readonly services: Pick<Services, "engine" | "tenants" | "tokenIssuer" | "keyPeppers" | "invite" | "plans">;
  /** Of pipelines of this process: writes and calls are recorded where calls need a credential. */
  readonly pipeline: (observe: (record: CallRecord) => void) => Pick<PipelineOptions, "audits" | "observe">;
  /** For what the server does by itself. */
  readonly noteOfJob: NoteOfJob;
  /** Records what a job did that had no transaction to put its note into. */
  readonly noteJob: (space: string, operation: JobOperation) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opened by the first who asks; a failure is forgotten. */
const once = <Value>(
  open: () => Promise<Value>,
): { readonly get: () => Promise<Value>; readonly opened: () => Promise<Value> | undefined } => {
  let opening: Promise<Value> | undefined;
  return {
    get: async () => {
      opening ??= open();
      try {
        return await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
    opened: () => opening,
  };
};

export const openAccess = ({ storage, engine, settings, clock, failed, warn, print }: AccessOptions): Access => {
  const { access, data, instance, database: hasDatabase } = settings;
  const { directory, directoryDatabase: database } = storage;
  const signsIn = makeSignInState(access.auth, database);
  const ledger = openLedger({ database, engine, directory, data, instance, clock, failed });
  const plain = tenantsOver(database, clock);
  const tenants: Tenants = { ...plain, ledger: freshLedger(plain.ledger, ledger) };
  const secrets = once(() => openSecrets({ secrets: access.secrets, data, hasDatabase: hasDatabase !== null }));
  const tokens = openTokens({
    tenants,
    secrets: secrets.get,
    clock,
    publicUrl: access.publicUrl,
    allowPrivateProviders: access.allowPrivateProviders,
    warn,
  });
  let listening = `http://${settings.host}:${settings.port}`;
  const publicUrl = (): string => access.publicUrl ?? listening;
  const mail = once(async (): Promise<Mail> => {
    const { openMail } = await import("../mail/mail.ts");
    return openMail({ settings: settings.mail, print, warn });
  });
  const accounts = once(async () => {
    const { openAccounts } = await import("../accounts/accounts.ts");
    return openAccounts({
      database,
      people: tenants.people,
      organisations: tenants.organisations,
      secrets: await secrets.get(),
      settings: access,
      mail: await mail.get(),
      clock,
      publicUrl,
      onEvent: ({ principal, organisation, ...event }) => {
        const identity = { principal, organisation, key: null, credential: "session" } as const;
        ledger.signIn({ ...event, identity: principal === "anonymous" ? null : identity });
      },
      log: { failed, warn },
    });
  });
  const canMail = settings.mail.url !== null || print !== null;
  let isOn = false;
  const noteOfJob = makeNoteOfJob({ signsIn, directory, clock, instance });
  return {
    signsIn,
    secrets: secrets.get,
    tenants,
    tokens,
    ledger,
    accounts: accounts.get,
    listensAt: (url) => {
      listening = url;
    },
    publicUrl,
    services: {
      engine: ledger.engine,
      tenants,
      tokenIssuer: tokens.issuer,
      keyPeppers: async () => peppersOf(await secrets.get()),
      plans: settings.plans.plans,
      ...(canMail
        ? {
            invite: async (invitation) => (await accounts.get()).sendInvitation(invitation),
          }
        : {}),
    },
    pipeline: (observe) => ({
      audits: async () => (isOn = await signsIn()),
      observe: (record) => {
        observe(record);
        if (isOn) ledger.record(record);
      },
    }),
    noteOfJob,
    noteJob: async (space, operation) => {
      const note = await noteOfJob(space, operation);
      if (note !== undefined) await database.write([], (written) => appendAudit(written, [note]));
    },
    close: async () => {
      await (await accounts.opened()?.catch(() => undefined))?.close();
      await (await mail.opened()?.catch(() => undefined))?.close();
      await ledger.close();
    },
  };
};
