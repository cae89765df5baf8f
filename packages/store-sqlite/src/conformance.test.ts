import { describeEngine } from "@cairn/testing/engine-conformance";
import { sqliteConformance } from "@cairn/testing/sqlite/space-files";

describeEngine("SQLite in the calling thread", sqliteConformance);
