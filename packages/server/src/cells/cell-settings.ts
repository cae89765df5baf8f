/**
 * The setting `cells`: the address of a database for each name. The database of `database_url` is the cell without a
 * name, where new spaces are made and where the directory lies.
 */
import { z } from "zod";

/** By name. */
export type Cells = Readonly<Record<string, string>>;

/** What the cell without a name is called where one must be named; no other may be called so. */
export const defaultCellLabel = "default";

const mostCells = 1_000;
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/u, "must have names of 1 to 63 of a-z, 0-9, - and _")
  .refine((given) => given !== defaultCellLabel, "must not name a cell default: that is the one of database_url");
const address = z.string().regex(/^postgres(?:ql)?:\/\/\S+$/u, "must have addresses that begin with postgres://");
const map = z
  .record(name, address)
  .refine((given) => Object.keys(given).length <= mostCells, `must be ${mostCells} cells at most`);

/** `eu=postgres://… us=postgres://…`, on one line or several. */
const pairs = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const entries = text
    .trim()
    .split(/[\s,]+(?=[^\s,=]+=postgres)/u)
    .filter(Boolean)
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
  const isTwice = new Set(entries.map(([one]) => one)).size < entries.length;
  if (isTwice) context.addIssue({ code: "custom", message: "must not name a cell twice" });
  return Object.fromEntries(entries);
});

/** A map in `config.yaml`, or pairs in `CAIRN_CELLS`. */
export const cellsSetting = z.union([pairs.pipe(map), map], "must be names with addresses of databases");
