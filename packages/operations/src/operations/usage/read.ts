import { dayOf, levelMetrics } from "@cairn/directory/ledger/usage";
import type { UsageQuery, UsageRow } from "@cairn/directory/ledger/ledger-directory";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { absent } from "../../absent.ts";
import type { CallContext } from "../../context.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { text } from "../../schemas/text.ts";
import { amounts, amountsOf, day, planLimit } from "../../schemas/usage.ts";
import { spaceReference } from "../../schemas/space.ts";

/** Days of one question, and rows of its answer. */
const mostDays = 400;
const mostRows = 20_000;
const mostOwnKeys = 1_000;
const dayMs = 86_400_000;

const unfit = (path: string, message: string): CairnError =>
  new CairnError("request.invalid", `${path}: ${message}`, { problems: [{ path, code: "invalid", message }] });

const periodOf = (from: string | null | undefined, to: string | null | undefined, today: string) => {
  const last = to ?? today;
  const first = from ?? `${last.slice(0, 7)}-01`;
  if (first > last) throw unfit("from", "from must not be after to");
  if ((Date.parse(last) - Date.parse(first)) / dayMs >= mostDays)
    throw unfit("from", `the period must be ${mostDays} days at most`);
  return { from: first, to: last };
};

/** Whose usage the caller may see; null: all of the organisation. */
const ownKeys = async ({
  caller: { identity },
  tenants,
  organisation,
}: CallContext): Promise<readonly string[] | null> => {
  const { principal, key, role, space } = identity;
  if (principal === "local") return null;
  if (space !== null) return key === null ? [principal] : [key];
  if (role === "admin") return null;
  const own = principal.startsWith("user:")
    ? await tenants.keys.list(organisation, { owner: principal, limit: mostOwnKeys })
    : [];
  return [...new Set([principal, ...(key === null ? [] : [key]), ...own.map(({ id }) => id)])];
};

const keysAsked = (own: readonly string[] | null, asked: string | null | undefined): readonly string[] | null => {
  if (absent(asked)) return own;
  if (own === null || own.includes(asked)) return [asked];
  // Whether there is such a key is not said.
  return [];
};

type Group = "none" | "space" | "key" | "space_key";

const nameOf = ({ space, key }: Pick<UsageRow, "space" | "key">): string => `${space}\n${key}`;
const orNull = (id: string): string | null => (id === "" ? null : id);

const isLevel = ({ metric }: UsageRow): boolean => levelMetrics.some((level) => level === metric);

const group = z.object({
  space: z.string().nullable().meta({ description: "The id of a space; null: none or several, or not grouped by it." }),
  key: z
    .string()
    .nullable()
    .meta({ description: "The id of a key, or the principal that called without one; null: not grouped by it." }),
  amounts,
});

export const readUsage = defineOperation({
  name: "usage.read",
  summary: "Read usage",
  description:
    "What was used in a period, day by day. Administrators see the whole organisation, others what they used themselves.",
  input: z.object({
    from: day("from", "The first day; the first of the month when absent.").nullish(),
    to: day("to", "The last day; today when absent.").nullish(),
    by: z
      .enum(["none", "space", "key", "space_key"], "by must be none, space, key or space_key")
      .nullish()
      .meta({ default: "none", description: "What the days are divided by." }),
    space: spaceReference.nullish(),
    key: text({ name: "key", max: 300, trim: true, describe: "The id of a key, or a principal." }).nullish(),
  }),
  output: z.object({
    organisation: z.string(),
    from: z.string(),
    to: z.string(),
    totals: amounts,
    groups: z.array(group),
    days: z.array(z.object({ day: z.string(), ...group.shape })),
    limits: z.array(planLimit).optional(),
  }),
  permission: "usage:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const { organisation, tenants, caller, clock } = context;
    const { from, to } = periodOf(input.from, input.to, dayOf(clock()));
    const bound = caller.identity.space;
    const space = absent(input.space) ? bound : await context.space(input.space);
    const keys = keysAsked(await ownKeys(context), input.key);
    const by: Group = input.by ?? "none";
    const query: UsageQuery = {
      organisation,
      from,
      to,
      by,
      limit: mostRows + 1,
      ...(space === null ? {} : { space }),
      ...(keys === null ? {} : { keys }),
    };
    const rows = await tenants.ledger.usage(query);
    if (rows.length > mostRows) throw unfit("by", "that is too much for one answer; ask for a shorter period");
    const levels = (await tenants.ledger.levels(query)).map((level) => ({
      ...level,
      space: by === "space" || by === "space_key" ? level.space : "",
      key: "",
    }));
    const counted = [...rows.filter((row) => !isLevel(row)), ...levels];
    const show = (given: readonly UsageRow[]) => {
      const { space: ofSpace, key } = given[0]!;
      return { space: orNull(ofSpace), key: orNull(key), amounts: amountsOf(given) };
    };
    const byGroup = Map.groupBy(counted, nameOf);
    const byDay = Map.groupBy(rows, (row) => `${row.day}\n${nameOf(row)}`);
    return {
      organisation,
      from,
      to,
      totals: amountsOf(counted),
      groups: by === "none" ? [] : [...byGroup.values()].map(show),
      days: [...byDay.values()].map((given) => ({ day: given[0]!.day, ...show(given) })),
    };
  },
});
