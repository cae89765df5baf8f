import { describeEngine } from "@cairn/testing/engine-conformance";
import { sqliteConformance } from "./space-files.fixture.ts";

describeEngine("SQLite on a thread of its own", sqliteConformance(1));
