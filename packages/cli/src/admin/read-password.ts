/** Passwords for people: from standard input, or made here and shown once. */
import { randomInt } from "node:crypto";
import { CairnError } from "@cairn/kernel/error";
import { flagOf, type Given, type Option } from "../command.ts";
import type { Host } from "../host.ts";
import { readInput } from "../local/read-input.ts";

export const passwordOption: Option = {
  name: "password-stdin",
  describe: "Read the password from standard input instead of making one.",
};

/** Nothing that is mistaken for something else when it is read out or copied by hand. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/** 100 random bits: `k3mpx-…`, four groups of five. */
const makePassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join("")).join(
    "-",
  );

export interface NewPassword {
  readonly password: string;
  /** Made here: it has to be shown. */
  readonly made: boolean;
}

/** Throws request.invalid for an empty one. */
export const readPassword = async (host: Host, given: Given): Promise<NewPassword> => {
  if (!flagOf(given, passwordOption.name)) return { password: makePassword(), made: true };
  const password = (await readInput(host)).replace(/\r?\n$/u, "");
  if (password !== "") return { password, made: false };
  throw new CairnError("request.invalid", "Standard input holds no password.", {
    hint: "For example: cairn admin user password <who> --password-stdin < file",
  });
};
