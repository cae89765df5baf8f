import { afterAll } from "vitest";
import { describeEngine } from "@cairn/testing/engine-conformance";
import { makeThreadedConformance } from "@cairn/testing/sqlite/space-files";

const conformance = makeThreadedConformance();
afterAll(() => conformance[Symbol.asyncDispose]());
describeEngine("SQLite on a thread of its own", conformance);
