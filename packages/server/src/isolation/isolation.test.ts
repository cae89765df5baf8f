import { describeIsolation, tenantsWanted } from "./isolation-suite.fixture.ts";

describeIsolation({ name: "files", tenants: tenantsWanted() });
