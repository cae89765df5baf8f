import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { measureFirstPass } from "./first-pass.ts";
import { remember } from "./operations/memories/remember.ts";
import { createSpace } from "./operations/spaces/create.ts";

describe("what estimates lose", () => {
  test("ENG-7 is nothing in a space where none are made, and unknown in one without memories", async () => {
    const { call, services } = setUpOperations();
    const { id } = await call(createSpace, { name: "garden" });
    const empty = await measureFirstPass(services, id, 5);
    expect(empty).toEqual({ questions: 0, byMeaning: Number.NaN, byAll: Number.NaN });
    for (const thing of ["apple", "pear", "plum"]) await call(remember, { content: `The ${thing} is ripe`, space: id });
    expect(await measureFirstPass(services, id, 2)).toEqual({ questions: 2, byMeaning: 1, byAll: 1 });
  });

  test("ENG-7 is the share of the exact answer that is missing", async () => {
    const { call, services } = setUpOperations();
    const { id } = await call(createSpace, { name: "garden" });
    for (const thing of ["apple", "pear"]) await call(remember, { content: `${thing} tree`, space: id });
    const { engine } = services;
    // An engine that finds one of the two unless it looks at all of them.
    const lossy: typeof engine = {
      ...engine,
      read: (space) => {
        const reader = engine.read(space);
        return {
          ...reader,
          recall: async (query) => {
            const answer = await reader.recall(query);
            return query.exact === true ? answer : { ...answer, hits: answer.hits.slice(0, 1) };
          },
        };
      },
    };
    expect(await measureFirstPass({ ...services, engine: lossy }, id, 1)).toMatchObject({ byMeaning: 0.5, byAll: 0.5 });
  });
});
