/**
 * What every `Engine` promises, whatever stores the rows (ENG-3). An adapter's test calls `describeEngine` with a
 * factory; each test opens an engine and a space of its own, and waits for real time unless it says otherwise.
 */
import { describe } from "vitest";
import { describeCorrections } from "./engine/corrections.ts";
import { describeDuplicates } from "./engine/duplicates.ts";
import { describeEntities } from "./engine/entities.ts";
import { describeFilters } from "./engine/filters.ts";
import { describeHistory } from "./engine/history.ts";
import { describeImports } from "./engine/imports.ts";
import { describeLanguages } from "./engine/languages.ts";
import { describeLifetime } from "./engine/lifetime.ts";
import { describeListing } from "./engine/listing.ts";
import { describeLog } from "./engine/log.ts";
import { describeMemories } from "./engine/memories.ts";
import { describeModelHistories } from "./engine/model-histories.ts";
import { describeModels } from "./engine/models.ts";
import { describeNotes } from "./engine/notes.ts";
import { describeRandomHistories } from "./engine/random-histories.ts";
import { describeRecall } from "./engine/recall.ts";
import { describeSessions } from "./engine/sessions.ts";
import { describeTime } from "./engine/time.ts";
import { describeLateVectors } from "./engine/vectors.ts";
import { describeTrust } from "./engine/trust.ts";
import type { EngineConformance } from "./engine/world.ts";

export const describeEngine = (name: string, conformance: EngineConformance): void => {
  describe(`engine: ${name}`, () => {
    describeMemories(conformance);
    describeHistory(conformance);
    describeCorrections(conformance);
    describeDuplicates(conformance);
    describeImports(conformance);
    describeLifetime(conformance);
    describeEntities(conformance);
    describeSessions(conformance);
    describeRecall(conformance);
    describeFilters(conformance);
    describeTime(conformance);
    describeLanguages(conformance);
    describeListing(conformance);
    describeLog(conformance);
    describeLateVectors(conformance);
    describeModels(conformance);
    describeModelHistories(conformance);
    describeTrust(conformance);
    describeNotes(conformance);
    describeRandomHistories(conformance);
  });
};
