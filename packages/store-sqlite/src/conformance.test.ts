import { describeEngine } from "@cairn/testing/engine-conformance";
import { sqliteConformance } from "./space-files.fixture.ts";

describeEngine("SQLite in the calling thread", sqliteConformance(0));
