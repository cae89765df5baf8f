import { type Command, flagOf, jsonOption, textOf } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import { withLocal } from "../../local/with-local.ts";
import { dataOptions } from "../../options/data-options.ts";
import { passwordOption, readPassword } from "../read-password.ts";
import { wrong } from "../shell.ts";

export const init: Command = {
  name: "admin init",
  summary: "Set a server up for others: its first administrator and key",
  usage: ["[--name ORG] [--email ADDRESS [--person NAME] [--password-stdin]] [--label TEXT]"],
  arguments: { least: 0, most: 0 },
  options: [
    { name: "name", value: "ORG", describe: "What your organisation is called." },
    { name: "email", value: "ADDRESS", describe: "Make the person of this address the administrator." },
    { name: "person", value: "NAME", describe: "Their name; the address's first part when absent." },
    passwordOption,
    { name: "label", value: "TEXT", describe: "What the key is for; First administrator when absent." },
    jsonOption,
    ...dataOptions,
  ],
  notes: [
    "Without --email only a key is made. It is printed once, on the last line. From then on every call over HTTP needs a",
    "key or a sign-in; `cairn mcp` and this shell go on without. Done once: more keys and people come with",
    "cairn admin key | user | invite",
  ],
  run: async (host, given) => {
    const email = textOf(given, "email");
    if (email === undefined && (textOf(given, "person") !== undefined || flagOf(given, passwordOption.name))) {
      throw wrong("Whose name and password? Give --email too.", "init");
    }
    const chosen = email === undefined ? null : await readPassword(host, given);
    return withLocal(host, given, async ({ services, settings }) => {
      const [{ initialise }, { showInitialised }] = await Promise.all([
        import("@cairn/server/access/initialise"),
        import("../show-initialised.ts"),
      ]);
      const { access, storage, tenants, clock } = services;
      const { peppersOf } = await import("@cairn/directory/keys/key-hash");
      const done = await initialise(
        {
          database: storage.directoryDatabase,
          tenants,
          keyPeppers: async () => peppersOf(await access.secrets()),
          accounts: access.accounts,
          clock,
          instance: settings.instance,
        },
        {
          name: textOf(given, "name") ?? null,
          person:
            email === undefined || chosen === null
              ? null
              : { email, name: textOf(given, "person") ?? email.split("@")[0] ?? email, password: chosen.password },
          label: textOf(given, "label") ?? "First administrator",
        },
      );
      const password = chosen?.made === true ? chosen.password : null;
      await showInitialised(host, flagOf(given, "json"), { ...done, password, settings });
      return exitCodes.ok;
    });
  },
};
