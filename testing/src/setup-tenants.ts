/**
 * The pipeline over two organisations in one directory: `acme` with an admin, an editor and a viewer, `other` with an
 * admin of its own, and `nina`, who belongs to none. What a principal is, is looked up at each call, as servers do.
 */
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import type { Organisation } from "@cairn/directory/organisations/organisation-directory";
import { spacesOver } from "@cairn/directory/spaces-over";
import { standingOf } from "@cairn/directory/standing";
import { tenantsOver } from "@cairn/directory/tenants";
import { homeOrganisation, type Identity, localIdentity } from "@cairn/memory/permission/identity";
import { examplePlans } from "@cairn/memory/plan/known-plans";
import type { Caller, InvitationMail, Services } from "@cairn/operations/context";
import type { Operation } from "@cairn/operations/operation";
import type { z } from "zod";
import { setUpOperations } from "./setup-operations.ts";

type CallAs = <In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
  input: unknown,
) => Promise<z.output<Out>>;

const noStanding = { organisation: null, role: null, administrator: false } as const;

export const setUpTenants = async (changes: Partial<Services> = {}) => {
  let now = Date.parse("2026-03-14T12:00:00Z");
  const clock = (): number => now;
  const database = openSqliteDatabase({ file: ":memory:" });
  const tenants = tenantsOver(database, clock);
  const directory = { ...spacesOver(database, clock), close: database.close };
  const sent: InvitationMail[] = [];
  const invite = async (mail: InvitationMail): Promise<void> => void sent.push(mail);
  const plans = { standard: examplePlans[0]!, all: examplePlans };
  const setup = setUpOperations({ directory, tenants, clock, invite, plans, ...changes });
  const { organisations, people } = tenants;

  const makePerson = async (name: string, verified = true): Promise<string> => {
    const given = { email: `${name}@example.com`, name, passwordHash: null, verified };
    return (await people.create(given)).principal;
  };
  const [anna, edgar, vera, eve, nina, root] = [
    await makePerson("anna"),
    await makePerson("edgar"),
    await makePerson("vera"),
    await makePerson("eve"),
    await makePerson("nina"),
    await makePerson("root"),
  ];
  const make = async (name: string, members: readonly (readonly [string, "admin" | "editor" | "viewer"])[]) => {
    const given = members.map(([principal, role]) => ({ principal, role }));
    const made: Organisation = await organisations.create({ name, members: given, createdBy: "local" });
    await setup.services.engine.create(made.defaultSpace);
    return made;
  };
  const acme = await make("Acme", [
    [anna, "admin"],
    [edgar, "editor"],
    [vera, "viewer"],
  ]);
  const other = await make("Other", [[eve, "admin"]]);
  await organisations.setMember(homeOrganisation, { principal: root, role: "admin", by: "local" });
  const home: Readonly<Record<string, string | null>> = {
    [anna]: acme.id,
    [edgar]: acme.id,
    [vera]: acme.id,
    [eve]: other.id,
    [root]: homeOrganisation,
  };

  const callerOf = (identity: Identity): Caller => ({ ...setup.caller, identity });
  /** In the organisation that the principal began in, unless `organisation` says another. */
  const identityOf = async (
    principal: string,
    change: Partial<Identity> = {},
    organisation: string | null = home[principal] ?? null,
  ): Promise<Identity> => {
    const standing = organisation === null ? null : await standingOf(organisations, organisation, principal);
    const limits = { scopes: null, space: null, key: null, instance: null };
    return { principal, credential: "session", ...limits, ...(standing ?? noStanding), ...change };
  };
  const as =
    (principal: string, change: Partial<Identity> = {}, organisation?: string): CallAs =>
    async (operation, input) =>
      setup.pipeline.call(operation, callerOf(await identityOf(principal, change, organisation)), input);
  const local: CallAs = (operation, input) => setup.pipeline.call(operation, callerOf(localIdentity("shell")), input);
  return {
    ...setup,
    tenants,
    directory,
    acme,
    other,
    who: { anna, edgar, vera, eve, nina, root },
    makePerson,
    as,
    identityOf,
    local,
    /** Invitations that were sent by mail. */
    sent,
    setNow: (value: number) => {
      now = value;
    },
    now: clock,
    [Symbol.asyncDispose]: () => database.close(),
  };
};
export type TenantsSetup = Awaited<ReturnType<typeof setUpTenants>>;
