/** API keys (TEN-2): never the key, only what recognises it (`../keys/`). */
import { type SchemaStep, tellTopic } from "./schema-step.ts";

export const keysStep: SchemaStep = {
  name: "keys",
  statements: ({ text, integer, endOfTable }) => [
    `create table keys (
      id ${text} not null primary key,
      organisation ${text} not null,
      owner ${text},
      role ${text},
      space ${text},
      label ${text} not null,
      scopes ${text} not null,
      instance ${text},
      addresses ${text},
      pepper ${text} not null,
      hash ${text} not null,
      replaces ${text},
      created_at ${integer} not null,
      created_by ${text} not null,
      expires_at ${integer},
      revoked_at ${integer},
      last_used_at ${integer},
      last_used_from ${text}
    )${endOfTable}`,
    "create index keys_of_organisation on keys (organisation, created_at, id)",
    "create index keys_of_owner on keys (owner) where owner is not null",
    "create index keys_of_space on keys (space) where space is not null",
  ],
  // Not its last use, which changes all the time.
  postgresOnly: `
    ${tellTopic("keys", "id", ["role", "space", "label", "scopes", "addresses", "hash", "expires_at", "revoked_at"])}
    create trigger tell_new after insert on keys for each row execute function tell_topic('organisation');
  `,
};
