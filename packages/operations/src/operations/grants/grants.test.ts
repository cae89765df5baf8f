import { setUpTenants, type TenantsSetup } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import { remember } from "../memories/remember.ts";
import { createKey } from "../keys/create.ts";
import { rotateKey } from "../keys/rotate.ts";
import { recall } from "../recall/recall.ts";
import { createSpace } from "../spaces/create.ts";
import { listSpaces } from "../spaces/list.ts";
import { updateSpace } from "../spaces/update.ts";
import { listGrants } from "./list.ts";
import { removeGrant } from "./remove.ts";
import { setGrant } from "./set.ts";

const make = async ({ as, who }: TenantsSetup, visibility = "organisation") => {
  const owner = as(who.anna);
  const { id: space } = await owner(createSpace, { name: "Project", visibility });
  const grant = (principal: string, ...actions: string[]) => owner(setGrant, { space, principal, actions });
  return { space, owner, grant };
};

describe("grants", () => {
  test("COL-2 give more than the role does, and less", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const { space, grant, owner } = await make(setup);
    const [edgar, vera] = [as(who.edgar), as(who.vera)];
    await expect(vera(remember, { content: "x", space })).rejects.toMatchObject({ code: "space.forbidden" });
    expect(await grant(who.vera, "write", "read")).toMatchObject({
      space,
      principal: who.vera,
      actions: ["read", "write"],
      createdBy: who.anna,
    });
    await vera(remember, { content: "x", space });
    await edgar(remember, { content: "y", space });
    await grant(who.edgar, "read");
    await expect(edgar(remember, { content: "z", space })).rejects.toMatchObject({ code: "space.forbidden" });
    await grant(who.edgar);
    // Shut out: it looks as if it were not there.
    await expect(edgar(recall, { query: "x", space })).rejects.toMatchObject({ code: "space.not_found" });
    expect((await edgar(listSpaces, {})).spaces.map(({ name }) => name)).toEqual(["default"]);
    expect((await owner(listGrants, { space })).grants.map(({ actions }) => actions)).toEqual(
      expect.arrayContaining([[], ["read", "write"]]),
    );
    expect(await owner(removeGrant, { space, principal: who.edgar })).toEqual({ success: true, principal: who.edgar });
    await edgar(remember, { content: "z", space });
    await expect(owner(removeGrant, { space, principal: who.edgar })).rejects.toMatchObject({
      code: "grant.not_found",
    });
  });

  test("COL-2 TEN-2 to a key hold for the one in its place too: by rotation none gets back what was taken", async () => {
    await using setup = await setUpTenants();
    const { as, who, acme, services, now } = setup;
    const { space, grant } = await make(setup);
    const scopes = ["keys:manage", "memories:read", "memories:write"] as const;
    const made = await as(who.anna)(createKey, { label: "robot", role: "editor", scopes });
    const { id: open } = await as(who.anna)(createSpace, { name: "Open" });
    await grant(`key:${made.id}`);
    // As the answer of before is remembered, it must be forgotten.
    expect(await services.tenants.organisations.grantsOf(space)).toHaveLength(1);
    const withKey = (id: string) =>
      as(`key:${id}`, { credential: "key", key: id, scopes, organisation: acme.id, role: "editor" });
    await expect(withKey(made.id)(recall, { query: "x", space })).rejects.toMatchObject({ code: "space.not_found" });
    const next = await withKey(made.id)(rotateKey, { id: made.id });
    for (const id of [made.id, next.id]) {
      await expect(withKey(id)(recall, { query: "x", space })).rejects.toMatchObject({ code: "space.not_found" });
      await withKey(id)(remember, { content: "x", space: open });
    }
    expect(await services.tenants.organisations.grantsTo(acme.id, `key:${next.id}`)).toEqual([
      { space, principal: `key:${next.id}`, actions: [], createdAt: now(), createdBy: who.anna },
    ]);
  });

  test("COL-2 open a private space to whom its owner names, and not to admins", async () => {
    await using setup = await setUpTenants();
    const { acme, as, who } = setup;
    const { id: space } = await as(who.vera, { role: "editor" })(createSpace, { name: "Mine", visibility: "private" });
    const vera = as(who.vera);
    await vera(remember, { content: "mine", space });
    for (const one of [who.anna, who.edgar, who.eve])
      await expect(as(one)(listGrants, { space })).rejects.toMatchObject({ code: "space.not_found" });
    await vera(setGrant, { space, principal: who.edgar, actions: ["read"] });
    expect((await as(who.edgar)(recall, { query: "mine", space })).results).toHaveLength(1);
    await expect(as(who.edgar)(listGrants, { space })).rejects.toMatchObject({ code: "space.forbidden" });
    await expect(as(who.anna)(setGrant, { space, principal: who.anna, actions: ["read"] })).rejects.toMatchObject({
      code: "space.not_found",
    });
    expect((await as(who.edgar, {}, acme.id)(listSpaces, {})).spaces.map(({ name }) => name)).toEqual([
      "default",
      "Mine",
    ]);
  });

  test("COL-2 cannot take an admin's right to manage what is the organisation's", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const { space, grant } = await make(setup);
    await grant(who.edgar, "manage");
    await as(who.edgar)(setGrant, { space, principal: who.anna, actions: [] });
    await expect(as(who.anna)(remember, { content: "x", space })).rejects.toMatchObject({ code: "space.not_found" });
    await as(who.anna)(removeGrant, { space, principal: who.anna });
    await as(who.anna)(remember, { content: "x", space });
  });

  test("are for those of the organisation, and given by those who manage the space", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const { space, grant } = await make(setup);
    for (const principal of [who.eve, who.nina, "user:nobody", "key:none"])
      await expect(grant(principal, "read")).rejects.toMatchObject({ code: "member.not_found" });
    await expect(grant("everyone", "read")).rejects.toMatchObject({ code: "request.invalid" });
    await expect(grant(who.vera, "fly")).rejects.toThrow("an action must be read, write, delete or manage");
    for (const one of [who.edgar, who.vera])
      await expect(as(one)(setGrant, { space, principal: one, actions: ["manage"] })).rejects.toMatchObject({
        code: "space.forbidden",
      });
    await expect(as(who.eve)(setGrant, { space, principal: who.eve, actions: ["read"] })).rejects.toMatchObject({
      code: "space.not_found",
    });
    expect(await grant("external:idp:someone", "read")).toMatchObject({ actions: ["read"] });
    const external = as("external:idp:someone", {
      credential: "provider",
      organisation: setup.acme.id,
      role: "viewer",
    });
    expect((await external(recall, { query: "x", space })).results).toEqual([]);
  });

  test("are all that remains of a role for a space that becomes private", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const { space, grant, owner } = await make(setup);
    await grant(who.edgar, "read");
    expect(await owner(updateSpace, { space, visibility: "private" })).toMatchObject({ owner: who.anna });
    expect((await as(who.edgar)(recall, { query: "x", space })).results).toEqual([]);
    await expect(as(who.vera)(recall, { query: "x", space })).rejects.toMatchObject({ code: "space.not_found" });
  });
});
