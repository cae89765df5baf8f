/** The port of the rules of writing over one space's file: what they ask is answered by its writing connection. */
import type { WriteStore } from "@cairn/memory/write/write-store";
import type { OpenSpace } from "../../space/open-space.ts";
import { documentStore } from "./documents.ts";
import { knowledgeStore } from "./knowledge.ts";
import { logStore } from "./log.ts";
import { memoryStore } from "./memories.ts";
import { sessionStore } from "./sessions.ts";
import { vectorStore } from "./vectors.ts";

/** For one write transaction, begun and with the space's lexicon in step. */
export const makeWriteStore = (space: OpenSpace): WriteStore => ({
  ...memoryStore(space),
  ...documentStore(space),
  ...vectorStore(space),
  ...knowledgeStore(space),
  ...logStore(space),
  ...sessionStore(space),
});
