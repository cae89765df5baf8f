import { CairnError } from "@cairn/kernel/error";

/** The same words whether it never existed, was deleted, or belongs to someone else. */
export const unknownMemory = (): CairnError =>
  new CairnError("memory.not_found", "There is no memory with this id here.");

export const unknownEntity = (): CairnError =>
  new CairnError("entity.not_found", "No memory here names this entity.", {
    hint: "Search for its spelling with GET /v1/entities?q=…",
  });

export const unknownSession = (): CairnError =>
  new CairnError("session.not_found", "There is no session with this id here.");
