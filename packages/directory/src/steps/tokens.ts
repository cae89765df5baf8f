/**
 * What signs tokens of ours, and whose tokens besides ours are believed (TEN-3). A private key lies here sealed only
 * (`server/src/auth/signing-keys-seal.ts`).
 */
import { type SchemaStep, tellTopic } from "./schema-step.ts";

export const tokensStep: SchemaStep = {
  name: "tokens",
  statements: ({ text, integer, endOfTable }) => [
    `create table signing_keys (
      id ${text} not null primary key,
      purpose ${text} not null,
      generation ${integer} not null,
      algorithm ${text} not null,
      public_key ${text} not null,
      sealed ${text} not null,
      secret ${text} not null,
      signs_from ${integer} not null,
      created_at ${integer} not null,
      unique (purpose, generation)
    )${endOfTable}`,
    `create table identity_providers (
      id ${text} not null primary key,
      organisation ${text} not null,
      issuer ${text} not null,
      audience ${text} not null,
      jwks_uri ${text} not null,
      algorithms ${text} not null,
      subject_claim ${text} not null,
      role_claim ${text},
      roles ${text} not null,
      default_role ${text},
      scopes ${text} not null,
      space ${text},
      instance_claim ${text},
      created_at ${integer} not null,
      created_by ${text} not null,
      updated_at ${integer} not null,
      unique (issuer, audience)
    )${endOfTable}`,
    "create index identity_providers_of_organisation on identity_providers (organisation, id)",
  ],
  postgresOnly: `${tellTopic("signing_keys", "purpose")}
    ${tellTopic("identity_providers", "issuer")}`,
};
