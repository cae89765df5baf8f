import { setUpTenants } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import { removeMember } from "../members/remove.ts";
import { remember } from "../memories/remember.ts";
import { recall } from "../recall/recall.ts";
import { removeGrant } from "../grants/remove.ts";
import { setGrant } from "../grants/set.ts";
import { createSpace } from "./create.ts";
import { getSpace } from "./get.ts";
import { listSpaces } from "./list.ts";
import { removeSpace } from "./remove.ts";
import { updateSpace } from "./update.ts";

describe("spaces of organisations", () => {
  test("COL-2 of others look as if they were not there, by id and by name, whatever is asked of them", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const theirs = await as(who.anna)(createSpace, { name: "Secret plans" });
    await as(who.anna)(remember, { content: "secret", space: theirs.id });
    const eve = as(who.eve);
    const unknown = await eve(getSpace, { space: "nowhere" }).catch((error: unknown) => error);
    for (const space of [theirs.id, "Secret plans", theirs.id.toUpperCase()]) {
      for (const [operation, input] of [
        [getSpace, {}],
        [updateSpace, { name: "Mine" }],
        [updateSpace, { visibility: "public" }],
        [removeSpace, {}],
        [recall, { query: "secret" }],
        [remember, { content: "planted" }],
      ] as const) {
        const call = eve as (asked: unknown, given: object) => Promise<unknown>;
        expect(await call(operation, { space, ...input }).catch((error: unknown) => error)).toEqual(unknown);
      }
    }
    expect((await eve(listSpaces, {})).spaces.map(({ name }) => name)).toEqual(["default"]);
    expect(await as(who.anna)(getSpace, { space: theirs.id })).toMatchObject({ name: "Secret plans" });
    // The same name is free in each organisation, and means its own space.
    const own = await eve(createSpace, { name: "secret plans" });
    expect((await eve(getSpace, { space: "Secret Plans" })).id).toBe(own.id);
    expect((await as(who.vera)(getSpace, { space: "secret plans" })).id).toBe(theirs.id);
  });

  test("COL-2 are made by editors; viewers only read", async () => {
    await using setup = await setUpTenants();
    const { acme, as, who } = setup;
    expect(await as(who.edgar)(createSpace, { name: "Notes" })).toMatchObject({
      organisation: acme.id,
      visibility: "organisation",
      owner: null,
    });
    await expect(as(who.vera)(createSpace, { name: "x" })).rejects.toMatchObject({ code: "auth.forbidden" });
    await as(who.edgar)(remember, { content: "x", space: "notes" });
    await expect(as(who.vera)(remember, { content: "x", space: "notes" })).rejects.toMatchObject({
      code: "space.forbidden",
    });
    await expect(as(who.edgar)(updateSpace, { space: "notes", name: "y" })).rejects.toMatchObject({
      code: "space.forbidden",
    });
    await expect(as(who.edgar)(removeSpace, { space: "notes" })).rejects.toMatchObject({ code: "space.forbidden" });
    await as(who.anna)(removeSpace, { space: "notes" });
  });

  test("COL-2 that are private are their owner's alone", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const edgar = as(who.edgar);
    const made = await edgar(createSpace, { name: "Diary", visibility: "private" });
    expect(made).toMatchObject({ visibility: "private", owner: who.edgar });
    for (const one of [who.anna, who.vera, who.eve, who.root])
      await expect(as(one)(getSpace, { space: made.id })).rejects.toMatchObject({ code: "space.not_found" });
    expect((await as(who.anna)(listSpaces, {})).spaces).toHaveLength(1);
    expect(await edgar(updateSpace, { space: "diary", description: "Mine." })).toMatchObject({ owner: who.edgar });
    expect(await edgar(updateSpace, { space: "diary", visibility: "organisation" })).toMatchObject({ owner: null });
    expect((await as(who.vera)(listSpaces, {})).spaces).toHaveLength(2);
  });

  test("COL-2 that are private cannot be taken from their owner by whom the owner let in", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const edgar = as(who.edgar);
    const { id: space } = await edgar(createSpace, { name: "Diary", visibility: "private" });
    await edgar(setGrant, { space, principal: who.vera, actions: ["read", "manage"] });
    await as(who.vera)(setGrant, { space, principal: who.edgar, actions: [] });
    await edgar(removeGrant, { space, principal: who.edgar });
    expect(await edgar(setGrant, { space, principal: who.vera, actions: [] })).toMatchObject({ actions: [] });
    await expect(as(who.vera)(getSpace, { space })).rejects.toMatchObject({ code: "space.not_found" });
    expect(await edgar(getSpace, { space })).toMatchObject({ owner: who.edgar });
  });

  test("COL-2 of somebody who is gone can be opened or deleted at the server's shell, and not otherwise", async () => {
    await using setup = await setUpTenants();
    const { as, local, who } = setup;
    const diary = await as(who.edgar)(createSpace, { name: "Diary", visibility: "private" });
    await as(who.edgar)(createSpace, { name: "Letters", visibility: "private" });
    await as(who.anna)(removeMember, { principal: who.edgar });
    for (const one of [who.edgar, who.anna, who.root])
      await expect(as(one)(removeSpace, { space: diary.id })).rejects.toMatchObject({ code: "space.not_found" });
    const { spaces } = await local(listSpaces, { organisation: "acme" });
    expect(spaces.map(({ name, owner }) => [name, owner])).toEqual([
      ["default", null],
      ["Diary", who.edgar],
      ["Letters", who.edgar],
    ]);
    // Looking after it does not take it over.
    expect(await local(updateSpace, { space: diary.id, visibility: "private" })).toMatchObject({ owner: who.edgar });
    await local(updateSpace, { space: diary.id, visibility: "organisation" });
    expect(await as(who.anna)(getSpace, { space: "diary" })).toMatchObject({ owner: null });
    expect(await local(removeSpace, { space: spaces[2]!.id })).toMatchObject({ success: true });
    await expect(as(who.anna)(listSpaces, { organisation: "other" })).rejects.toMatchObject({
      code: "organisation.not_found",
    });
  });

  test("COL-2 are made public by admins, and then read by whoever signs in, and no more", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    await expect(as(who.edgar)(createSpace, { name: "x", visibility: "public" })).rejects.toMatchObject({
      code: "auth.forbidden",
    });
    const { id: space } = await as(who.anna)(createSpace, { name: "Handbook" });
    await as(who.anna)(setGrant, { space, principal: who.edgar, actions: ["read", "write", "manage"] });
    // Whoever manages it may name and describe it, and neither give it away nor take it.
    await as(who.edgar)(updateSpace, { space, description: "How we work." });
    for (const visibility of ["public", "private"])
      await expect(as(who.edgar)(updateSpace, { space, visibility })).rejects.toMatchObject({ code: "auth.forbidden" });
    expect(await as(who.anna)(updateSpace, { space, visibility: "public" })).toMatchObject({ visibility: "public" });
    await as(who.anna)(remember, { content: "We meet at nine.", space });
    const eve = as(who.eve);
    expect((await eve(recall, { query: "meet nine", space })).results).toHaveLength(1);
    for (const [operation, input] of [
      [remember, { content: "spam" }],
      [updateSpace, { name: "Mine" }],
      [removeSpace, {}],
    ] as const) {
      const call = eve as (asked: unknown, given: object) => Promise<unknown>;
      await expect(call(operation, { space, ...input })).rejects.toMatchObject({ code: "space.forbidden" });
    }
    await expect(as("anonymous", { credential: "none" })(recall, { query: "x", space })).rejects.toMatchObject({
      code: "auth.required",
    });
  });

  test("include a default one each, which keeps its name and stays the organisation's", async () => {
    await using setup = await setUpTenants();
    const { acme, as, who } = setup;
    const anna = as(who.anna);
    for (const change of [{ name: "Main" }, { visibility: "private" }])
      await expect(anna(updateSpace, { space: acme.defaultSpace, ...change })).rejects.toMatchObject({
        code: "request.invalid",
      });
    await expect(anna(removeSpace, { space: "default" })).rejects.toMatchObject({ code: "request.invalid" });
    expect(await anna(updateSpace, { space: "default", name: "Default", description: "Ours." })).toMatchObject({
      name: "Default",
    });
    await expect(anna(removeSpace, { space: "default" })).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("TEN-2 are reached by a credential that is bound to one, and no others", async () => {
    await using setup = await setUpTenants();
    const { acme, as, who } = setup;
    const { id: space } = await as(who.anna)(createSpace, { name: "Bound" });
    const bound = as(who.anna, { credential: "key", space });
    expect((await bound(listSpaces, {})).spaces.map(({ name }) => name)).toEqual(["Bound"]);
    await bound(remember, { content: "x", space });
    await expect(bound(remember, { content: "x", space: acme.defaultSpace })).rejects.toMatchObject({
      code: "space.not_found",
    });
    await expect(bound(createSpace, { name: "y" })).rejects.toMatchObject({ code: "auth.forbidden" });
  });
});
