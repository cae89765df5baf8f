/** Which data folder, which settings, which space: the same for every command that reads or writes memories. */
import { type Given, jsonOption, type Option, textOf } from "../command.ts";

export const dataOptions: readonly Option[] = [
  {
    name: "data",
    value: "FOLDER",
    completes: "folder",
    describe: "The data folder (CAIRN_DATA; `cairn doctor` shows the default).",
  },
  {
    name: "config",
    value: "FILE",
    completes: "file",
    describe: "Settings from this file instead of the data folder's config.yaml.",
  },
  {
    name: "database-url",
    value: "URL",
    describe: "A PostgreSQL that keeps everything instead of the folder; passwords are better in CAIRN_DATABASE_URL.",
  },
  { name: "instance", value: "NAME", describe: "The name under which this machine or agent writes (CAIRN_INSTANCE)." },
];

export const spaceOption: Option = {
  name: "space",
  value: "SPACE",
  describe: "The space's name or id; `default` when absent.",
};

/** What every command on memories takes. */
export const memoryCommandOptions: readonly Option[] = [spaceOption, jsonOption, ...dataOptions];

export const inSpace = (given: Given): { readonly space?: string } => {
  const space = textOf(given, "space");
  return space === undefined ? {} : { space };
};
