/** Identity providers over any database that Kysely speaks. */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Access, DirectoryDatabase } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import { isUniqueViolation } from "../storage-error.ts";
import { changedColumns, providerColumns, toProvider, toProviderRow } from "./provider-record.ts";
import { type IdentityProvider, type IdentityProviderDirectory, mostProviders } from "./token-directory.ts";

const topicOf = (issuer: string): string => `identity_providers ${issuer}`;

const notFound = (): CairnError =>
  new CairnError("provider.not_found", "There is no such identity provider.", {
    hint: "List those of the organisation with GET /v1/auth/providers.",
  });

const taken = (): CairnError =>
  new CairnError("provider.taken", "This issuer and audience are set up on this server already.", {
    hint: "Have the provider issue tokens for an audience of your own.",
  });

/** The database's word for a second row with the same pair is the only one that holds between servers. */
const unlessTaken = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    const said = error instanceof CairnError ? error.cause : error;
    throw isUniqueViolation(error) || isUniqueViolation(said) ? taken() : error;
  }
};

const find = async ({ tables }: Access, organisation: string, id: string): Promise<IdentityProvider> => {
  const row = await tables
    .selectFrom("identity_providers")
    .select(providerColumns)
    .where("organisation", "=", organisation)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound();
  return toProvider(row);
};

const requireRoom = async ({ tables }: Access, organisation: string): Promise<void> => {
  const rows = await tables
    .selectFrom("identity_providers")
    .select("id")
    .where("organisation", "=", organisation)
    .limit(mostProviders)
    .execute();
  if (rows.length >= mostProviders) {
    throw new CairnError("limit.exceeded", `An organisation has at most ${mostProviders} identity providers.`);
  }
};

export const providersOver = (database: DirectoryDatabase, clock: Clock): IdentityProviderDirectory => {
  const get: IdentityProviderDirectory["get"] = (organisation, id) =>
    database.read((access) => find(access, organisation, id));
  return {
    ofIssuer: async (issuer) => {
      const found = await database.remember(topicOf(issuer), async ({ tables }) => {
        const rows = await tables
          .selectFrom("identity_providers")
          .select(providerColumns)
          .where("issuer", "=", issuer)
          .orderBy("id")
          .execute();
        // Strangers may name any issuer they like: that there is none is not remembered.
        return rows.length === 0 ? null : { value: rows.map(toProvider), topics: [topicOf(issuer)] };
      });
      return found ?? [];
    },
    create: (given, note) => {
      const at = clock();
      const provider: IdentityProvider = { ...given, id: newId(), createdAt: at, updatedAt: at };
      return unlessTaken(() =>
        database.write([topicOf(provider.issuer)], async (access) => {
          await requireRoom(access, provider.organisation);
          const insert = () =>
            access.tables
              .insertInto("identity_providers")
              .values(toProviderRow(provider))
              .returning(providerColumns)
              .executeTakeFirstOrThrow();
          return toProvider(await noted(access, note, insert, [provider.id]));
        }),
      );
    },
    list: (organisation) =>
      database.read(async ({ tables }) => {
        const rows = await tables
          .selectFrom("identity_providers")
          .select(providerColumns)
          .where("organisation", "=", organisation)
          .orderBy("id")
          .execute();
        return rows.map(toProvider);
      }),
    get,
    update: async (organisation, id, change, note) => {
      // The issuer never changes, so the topic is right also when others change the row meanwhile.
      const { issuer } = await get(organisation, id);
      return unlessTaken(() =>
        database.write([topicOf(issuer)], (access) =>
          noted(
            access,
            note,
            async () => {
              const row = await access.tables
                .updateTable("identity_providers")
                .set({ ...changedColumns(change), updated_at: clock() })
                .where("organisation", "=", organisation)
                .where("id", "=", id)
                .returning(providerColumns)
                .executeTakeFirst();
              if (row === undefined) throw notFound();
              return toProvider(row);
            },
            [id],
          ),
        ),
      );
    },
    remove: async (organisation, id, note) => {
      const { issuer } = await get(organisation, id);
      await database.write([topicOf(issuer)], (access) =>
        noted(
          access,
          note,
          async () => {
            const row = await access.tables
              .deleteFrom("identity_providers")
              .where("organisation", "=", organisation)
              .where("id", "=", id)
              .returning("id")
              .executeTakeFirst();
            if (row === undefined) throw notFound();
          },
          [id],
        ),
      );
    },
  };
};
