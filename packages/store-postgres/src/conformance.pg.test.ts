import { describeEngine } from "@cairn/testing/engine-conformance";
import { postgresEngines } from "@cairn/testing/postgres/engines";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";

const describe = await postgresOrSkip();

describe("ENG-3", () => {
  describeEngine("PostgreSQL in the calling thread", postgresEngines({ threads: 0 }));
});
