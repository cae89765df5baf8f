import { CairnError } from "@cairn/kernel/error";
import type { Explanation } from "@cairn/memory/recall/query";
import type { Engine } from "@cairn/memory/space/engine";
import { makeFakeEngine } from "@cairn/testing/fake-engine";
import { setUpTenants, type TenantsSetup } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import { setGrant } from "../grants/set.ts";
import { remember } from "../memories/remember.ts";
import { createSpace } from "../spaces/create.ts";
import { recall } from "./recall.ts";

/** The same fact in spaces of every kind, each told by its own word. */
const fill = async ({ as, who, acme, other }: TenantsSetup) => {
  const make = async (whose: string, name: string, visibility: string) => {
    const { id } = await as(whose)(createSpace, { name, visibility });
    await as(whose)(remember, { content: `The train leaves at nine (${name}).`, space: id });
    return id;
  };
  await as(who.anna)(remember, { content: "The train leaves at nine (default)." });
  await as(who.eve)(remember, { content: "The train leaves at nine (theirs)." });
  return {
    default: acme.defaultSpace,
    theirs: other.defaultSpace,
    team: await make(who.anna, "team", "organisation"),
    diary: await make(who.edgar, "diary", "private"),
    closed: await make(who.anna, "closed", "private"),
    handbook: await make(who.eve, "handbook", "public"),
  };
};

const signal = { raw: 0, weight: 0, contribution: 0 };
const explanation: Explanation = {
  lexical: signal,
  dense: signal,
  author: signal,
  session: signal,
  time: signal,
  reply: signal,
  timeCue: signal,
  feedback: signal,
  score: 0,
  similarity: 0,
  filters: [],
  permission: "as the engine says",
};

/** An engine that explains its answers as engines do: it knows nothing of who asks. */
const explaining = (): Engine => {
  const engine = makeFakeEngine();
  return {
    ...engine,
    read: (space) => {
      const reader = engine.read(space);
      return {
        ...reader,
        recall: async (question) => {
          const answer = await reader.recall(question);
          return { ...answer, hits: answer.hits.map((hit) => ({ ...hit, explain: explanation })) };
        },
      };
    },
  };
};

const query = "When does the train leave?";

describe("recall over several spaces", () => {
  test("REC-7 finds in all that the caller may read; each result names its space and why it was allowed", async () => {
    await using setup = await setUpTenants({ engine: explaining() });
    const { as, who } = setup;
    const spaces = await fill(setup);
    await as(who.anna)(setGrant, { space: spaces.closed, principal: who.edgar, actions: ["read"] });
    const { results } = await as(who.edgar)(recall, {
      query,
      spaces: [spaces.default, "team", spaces.diary, spaces.closed, spaces.handbook, "TEAM"],
      limit: 50,
      minRelevance: 0,
      explain: true,
    });
    expect(results).toHaveLength(5);
    expect(new Map(results.map((one) => [one.space, one.explain?.permission]))).toEqual(
      new Map([
        [spaces.default, "role"],
        [spaces.team, "role"],
        [spaces.diary, "owner"],
        [spaces.closed, "grant"],
        [spaces.handbook, "public"],
      ]),
    );
  });

  test("REC-7 one space that is not the caller's refuses the whole call, as one that is not there does", async () => {
    await using setup = await setUpTenants();
    const { as, who, records } = setup;
    const spaces = await fill(setup);
    const ask = (space: string) =>
      as(who.vera)(recall, { query, spaces: ["team", space], minRelevance: 0 }).catch((error: unknown) => error);
    const unknown = (await ask("nowhere")) as CairnError;
    expect(unknown).toBeInstanceOf(CairnError);
    expect(unknown.code).toBe("space.not_found");
    for (const space of [spaces.theirs, spaces.diary, spaces.closed, "diary", "closed", "*"])
      expect(await ask(space)).toEqual(unknown);
    expect(records.at(-1)).toMatchObject({ operation: "recall.recall", outcome: "denied", code: "space.not_found" });
  });

  test("REC-7 over all of them brings what the caller may read in its organisation, and nothing else", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const spaces = await fill(setup);
    const foundBy = async (principal: string, change = {}) => {
      const asked = { query, spaces: ["*"], limit: 50, minRelevance: 0 };
      const { results } = await as(principal, change)(recall, asked);
      return new Set(results.map(({ space }) => space));
    };
    expect(await foundBy(who.vera)).toEqual(new Set([spaces.default, spaces.team]));
    expect(await foundBy(who.edgar)).toEqual(new Set([spaces.default, spaces.team, spaces.diary]));
    expect(await foundBy(who.anna)).toEqual(new Set([spaces.default, spaces.team, spaces.closed]));
    expect(await foundBy(who.eve)).toEqual(new Set([spaces.theirs, spaces.handbook]));
    expect(await foundBy(who.anna, { credential: "key", space: spaces.team })).toEqual(new Set([spaces.team]));
    await as(who.anna)(setGrant, { space: spaces.team, principal: who.vera, actions: [] });
    expect(await foundBy(who.vera)).toEqual(new Set([spaces.default]));
  });

  test("REC-7 over more than fifty asks to name them", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const anna = as(who.anna);
    for (let count = 1; count < 50; count += 1) await anna(createSpace, { name: `s${count}` });
    expect((await anna(recall, { query, spaces: ["*"] })).results).toEqual([]);
    await anna(createSpace, { name: "one more" });
    await expect(anna(recall, { query, spaces: ["*"] })).rejects.toThrow("You may read 51 spaces; name at most 20");
  });
});
