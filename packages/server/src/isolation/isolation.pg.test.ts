import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { describeIsolation, tenantsWanted } from "./isolation-suite.fixture.ts";

const describe = await postgresOrSkip();

describe("on PostgreSQL", () => {
  describeIsolation({ name: "PostgreSQL", tenants: tenantsWanted(), database: makeDatabase });
});
