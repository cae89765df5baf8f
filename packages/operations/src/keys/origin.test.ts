import { homeOrganisation, type Identity } from "@cairn/memory/permission/identity";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { captureTurns } from "../operations/capture/turns.ts";
import { getMemory } from "../operations/memories/get.ts";
import { importMemories } from "../operations/memories/import.ts";
import { remember } from "../operations/memories/remember.ts";
import { ingestSession } from "../operations/sessions/ingest.ts";
import { searchSessions } from "../operations/sessions/search.ts";

/** A setup whose caller came with a key that is bound to `instance`, as the edge hands it over. */
const setUpAs = (changes: Partial<Identity>) => {
  const identity: Identity = {
    principal: "user:1",
    credential: "key",
    organisation: homeOrganisation,
    role: "editor",
    scopes: null,
    space: null,
    key: "k",
    instance: null,
    administrator: false,
    ...changes,
  };
  const setup = setUpOperations({ identity });
  const caller = { ...setup.caller, instance: identity.instance ?? "test-instance" };
  const call = ((operation, input) => setup.pipeline.call(operation, caller, input)) as typeof setup.call;
  return { ...setup, call };
};

const talk = { sessionId: "s", messages: [{ role: "user", content: "I moved to Bern.", timestamp: null }] };
const spokenBy = async (call: ReturnType<typeof setUpAs>["call"]) =>
  (await call(searchSessions, { query: "Bern", minRelevance: -1 })).results.map(({ instanceId }) => instanceId);
const draft = { id: "foreign-1", content: "Written elsewhere.", sourceInstance: "somebody-else" };

describe("the agent that wrote something", () => {
  test("TEN-2 MEM-11 is what the key says, whatever a conversation says", async () => {
    const { call } = setUpAs({ instance: "agent-7" });
    await call(ingestSession, { ...talk, instanceId: "agent-8" });
    expect(await spokenBy(call)).toEqual(["agent-7"]);
    const stored = await call(remember, { content: "Anna drinks green tea.", sourceInstance: "agent-8" });
    expect(await call(getMemory, { id: stored.memoryId })).toMatchObject({ sourceInstance: "agent-7" });
  });

  test("TEN-2 is the key's in the transcript of what is captured", async () => {
    const { call } = setUpAs({ instance: "agent-7" });
    await call(captureTurns, { sessionId: "s", turns: talk.messages, transcript: true });
    expect(await spokenBy(call)).toEqual(["agent-7"]);
  });

  test("TEN-2 can be named where the credential is bound to none", async () => {
    for (const identity of [{}, { principal: "local", credential: "loopback" } as const]) {
      const { call } = setUpAs(identity);
      await call(ingestSession, { ...talk, instanceId: "agent-8" });
      expect(await spokenBy(call)).toEqual(["agent-8"]);
    }
  });

  test.each([
    ["an editor", { role: "editor" }, "test-instance"],
    ["an editor's key of an agent", { role: "editor", instance: "agent-7" }, "agent-7"],
    ["an admin", { role: "admin" }, "somebody-else"],
    ["whoever has the machine", { principal: "local", credential: "loopback" }, "somebody-else"],
  ] as const)("TEN-2 TEN-11 an import by %s", async (_who, identity, expected) => {
    const { call } = setUpAs(identity);
    expect(await call(importMemories, { drafts: [draft] })).toMatchObject({ imported: 1, errors: 0 });
    expect(await call(getMemory, { id: draft.id })).toMatchObject({ sourceInstance: expected });
  });
});
