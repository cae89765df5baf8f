/** Organisations themselves: found, made, changed and removed. */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { Access, DirectoryDatabase } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import { removeLedger } from "../ledger/remove-ledger.ts";
import { defaultSpaceName } from "../space-directory.ts";
import { deleteSpace, insertSpace } from "../space-queries.ts";
import { isUniqueViolation } from "../storage-error.ts";
import { writeMember } from "./member-calls.ts";
import { lockOrganisation, pageOf, topics } from "./organisation-access.ts";
import type { NewOrganisation, Organisation, OrganisationDirectory } from "./organisation-directory.ts";
import { unknownOrganisation } from "./organisation-errors.ts";
import { organisationColumns, toOrganisation } from "./organisation-rows.ts";
import { memberPrincipalOf, organisationNameOf, planNameOf, slugFrom, slugOf, slugWith } from "./organisation-text.ts";

type OrganisationCalls = Pick<OrganisationDirectory, "find" | "lookUp" | "page" | "create" | "update" | "remove">;

const slugTaken = (): CairnError =>
  new CairnError("organisation.slug_taken", "There is an organisation with this slug already.");

/** Null where the slug is taken. */
const insertOrganisation = async ({ tables }: Access, organisation: Organisation): Promise<Organisation | null> => {
  const { defaultSpace, createdAt, updatedAt, ...same } = organisation;
  const row = await tables
    .insertInto("organisations")
    .values({ ...same, default_space: defaultSpace, created_at: createdAt, updated_at: updatedAt })
    .onConflict((conflict) => conflict.column("slug").doNothing())
    .returning(organisationColumns)
    .executeTakeFirst();
  return row === undefined ? null : toOrganisation(row);
};

/** What a name can be called by, as long as that is taken. Ends with one that is as good as never taken. */
const slugsFor = function* (name: string): Generator<string> {
  const slug = slugFrom(name);
  yield slug;
  for (let count = 2; count < 10; count += 1) yield slugWith(slug, String(count));
  // Eight digits: with twelve it could look like an id.
  yield slugWith(slug, newId().slice(-8));
};

const insertNamed = async (access: Access, made: Omit<Organisation, "slug">, slug?: string): Promise<Organisation> => {
  for (const one of slug === undefined ? slugsFor(made.name) : [slugOf(slug)]) {
    const inserted = await insertOrganisation(access, { ...made, slug: one });
    if (inserted !== null) return inserted;
  }
  throw slugTaken();
};

/** All that is kept under it, and what was remembered of that. Its spaces must be gone. */
const removeAll = async ({ tables }: Access, id: string, forget: (topic: string) => void): Promise<void> => {
  const grants = await tables.deleteFrom("grants").where("organisation", "=", id).returning("space").execute();
  for (const { space } of grants) forget(topics.grants(space));
  const keys = await tables.deleteFrom("keys").where("organisation", "=", id).returning("id").execute();
  for (const key of keys) forget(topics.key(key.id));
  const providers = tables.deleteFrom("identity_providers").where("organisation", "=", id).returning("issuer");
  for (const { issuer } of await providers.execute()) forget(`identity_providers ${issuer}`);
  await tables.deleteFrom("invitations").where("organisation", "=", id).execute();
  await tables.deleteFrom("members").where("organisation", "=", id).execute();
  await tables.deleteFrom("organisations").where("id", "=", id).execute();
};

const removeSpaces = async ({ tables }: Access, { id, defaultSpace }: Organisation): Promise<void> => {
  const spaces = await tables.selectFrom("spaces").select("id").where("organisation", "=", id).limit(2).execute();
  if (spaces.some((space) => space.id !== defaultSpace)) {
    throw new CairnError("space.not_empty", "The organisation has spaces still; delete them first.");
  }
  for (const space of spaces) await deleteSpace(tables, space.id);
};

const defaultSpaceOf = (organisation: string, id: string, now: number): Parameters<typeof insertSpace>[1] => ({
  id,
  organisation,
  visibility: "organisation",
  owner: null,
  name: defaultSpaceName,
  description: null,
  rerank: null,
  cell: null,
  epoch: 0,
  move: null,
  createdAt: now,
  updatedAt: now,
});

export const organisationCalls = (database: DirectoryDatabase, clock: Clock): OrganisationCalls => ({
  find: (id) =>
    database.remember(`organisation ${id}`, async ({ tables }) => {
      const row = await tables
        .selectFrom("organisations")
        .select(organisationColumns)
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined ? null : { value: toOrganisation(row), topics: [topics.organisation(id)] };
    }),
  lookUp: (idOrSlug) =>
    database.read(async ({ tables }) => {
      // No slug looks like an id, so at most one matches.
      const row = await tables
        .selectFrom("organisations")
        .select(organisationColumns)
        .where((is) => is.or([is("id", "=", idOrSlug), is("slug", "=", idOrSlug)]))
        .executeTakeFirst();
      return row === undefined ? null : toOrganisation(row);
    }),
  page: async (request) => {
    const { after, limit } = pageOf(request);
    return database.read(async ({ tables }) => {
      const asked = tables.selectFrom("organisations").select(organisationColumns).where("id", ">", after);
      return (await asked.orderBy("id").limit(limit).execute()).map(toOrganisation);
    });
  },
  create: async ({ name, slug, plan = null, members = [], createdBy }: NewOrganisation, note) => {
    const now = clock();
    const [id, defaultSpace] = [newId(), newId()];
    const times = { createdAt: now, updatedAt: now };
    const kept = { name: organisationNameOf(name), plan: planNameOf(plan) };
    const principals = members.map(({ principal }) => memberPrincipalOf(principal));
    const made = { id, ...kept, status: "active" as const, defaultSpace, ...times };
    const forgotten = [topics.organisation(id), topics.members(id), topics.space(defaultSpace)];
    return database.write(forgotten, (access) =>
      noted(
        access,
        note,
        async () => {
          const inserted = await insertNamed(access, made, slug);
          await insertSpace(access.tables, defaultSpaceOf(id, defaultSpace, now));
          for (const { principal, role } of members)
            await writeMember(access, { organisation: id, principal, role, by: createdBy, now });
          return inserted;
        },
        [id, ...principals],
      ),
    );
  },
  update: async (id, { name, slug, plan, status }, note) => {
    if (id === homeOrganisation && status === "suspended")
      throw new CairnError("request.invalid", "The home organisation cannot be suspended.");
    const change = {
      ...(name === undefined ? {} : { name: organisationNameOf(name) }),
      ...(slug === undefined ? {} : { slug: slugOf(slug) }),
      ...(plan === undefined ? {} : { plan: planNameOf(plan) }),
      ...(status === undefined ? {} : { status }),
      updated_at: clock(),
    };
    const changeIn = async ({ tables }: Access): Promise<Organisation> => {
      try {
        const asked = tables.updateTable("organisations").set(change).where("id", "=", id);
        const row = await asked.returning(organisationColumns).executeTakeFirst();
        if (row === undefined) throw unknownOrganisation();
        return toOrganisation(row);
      } catch (error) {
        throw isUniqueViolation(error) ? slugTaken() : error;
      }
    };
    return database.write([topics.organisation(id)], (access) => noted(access, note, () => changeIn(access), [id]));
  },
  remove: async (id, note) => {
    if (id === homeOrganisation) throw new CairnError("request.invalid", "The home organisation cannot be removed.");
    const forgotten = [topics.organisation(id), topics.members(id)];
    await database.write(forgotten, (access) =>
      noted(
        access,
        note,
        async () => {
          const organisation = await lockOrganisation(access, id, true);
          await removeSpaces(access, organisation);
          forgotten.push(topics.space(organisation.defaultSpace));
          await removeAll(access, id, (topic) => void forgotten.push(topic));
          await removeLedger(access, id);
        },
        [id],
      ),
    );
  },
});
