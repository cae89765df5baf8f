/** What `cairn admin init` says when it is done: what to keep, and what is different from now on. */
import type { Initialised } from "@cairn/server/access/initialise";
import type { Settings } from "@cairn/server/settings";
import type { Host } from "../host.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";

export interface ToShow extends Initialised {
  /** One that was made here; null: the administrator chose it, or there is nobody. */
  readonly password: string | null;
  readonly settings: Pick<Settings, "access" | "database" | "data" | "host" | "port">;
}

const urlOf = ({ access, host, port }: ToShow["settings"]): string =>
  access.publicUrl ??
  `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${port === 0 ? 18_790 : port}`;

const secretLine = ({ access, database, data }: ToShow["settings"]): string => {
  if (database !== null) {
    return "CAIRN_SECRET protects keys and sessions: every server on this database needs the same one. Keep a copy.";
  }
  return access.secrets === null
    ? `${data}/secret protects keys and sessions: keep it with your backups.`
    : "CAIRN_SECRET protects keys and sessions: keep a copy.";
};

/** Explanations go to people's eyes alone; the key is the last line of standard output. */
export const showInitialised = async (host: Host, json: boolean, shown: ToShow): Promise<void> => {
  const { organisation, person, key, keyId, password, settings } = shown;
  const url = urlOf(settings);
  if (json) {
    await printJson(host, {
      organisation: { id: organisation.id, name: organisation.name, slug: organisation.slug },
      person: person === null ? null : { principal: person.principal, email: person.email },
      ...(password === null ? {} : { password }),
      keyId,
      key,
    });
    return;
  }
  const offLine =
    settings.access.auth === "off"
      ? ["", "CAIRN_AUTH is off here: nobody is asked for a key until it is auto or on."]
      : [];
  const lines = [
    `${escapeLine(organisation.name)} is set up. What was remembered before belongs to it and stays usable.`,
    ...offLine,
    "",
    ...(person === null
      ? ["The key below administers the server. Nobody can sign in yet: cairn admin invite create <email>"]
      : [`${escapeLine(person.email)} administers the server, and signs in at ${url}/account/sign-in`]),
    ...(password === null ? [] : [`with this password, which is shown this once: ${password}`]),
    "",
    "From now on every call over HTTP needs a key or a sign-in, also from this machine. A server that runs",
    "notices by itself, without a restart. `cairn mcp` and this shell go on without. Clients send the key with each",
    "call; with the key in CAIRN_API_KEY:",
    "",
    `  curl -s ${url}/v1/auth/whoami -H "Authorization: Bearer $CAIRN_API_KEY"`,
    "",
    secretLine(settings),
    "",
    "The key, which is shown this once:",
    key,
  ];
  await host.out.write(`${lines.join("\n")}\n`);
};
