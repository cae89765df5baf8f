import { CairnError } from "@cairn/kernel/error";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { makeFakeEngine } from "@cairn/testing/fake-engine";
import { setUpTenants } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import { createInvitation } from "../invitations/create.ts";
import { listMembers } from "../members/list.ts";
import { remember } from "../memories/remember.ts";
import { createSpace } from "../spaces/create.ts";
import { listSpaces } from "../spaces/list.ts";
import { readStats } from "../stats/read.ts";
import { createOrganisation } from "./create.ts";
import { getOrganisation } from "./get.ts";
import { listOrganisations } from "./list.ts";
import { removeOrganisation } from "./remove.ts";
import { updateOrganisation } from "./update.ts";

describe("organisations", () => {
  test("TEN-1 are made by administrators of the server, with a default space that works and a first admin", async () => {
    await using setup = await setUpTenants();
    const { as, local, who } = setup;
    const made = await local(createOrganisation, { name: "New", plan: "team", admin: who.nina });
    expect(made).toMatchObject({ name: "New", slug: "new", plan: "team", status: "active", role: null });
    const nina = as(who.nina, {}, made.id);
    await nina(remember, { content: "The first thing." });
    expect((await nina(listSpaces, {})).spaces).toMatchObject([{ name: "default", id: made.defaultSpace }]);
    expect(await as(who.root)(createOrganisation, { name: "New" })).toMatchObject({ slug: "new-2" });
    for (const one of [who.anna, who.nina])
      await expect(as(one)(createOrganisation, { name: "Mine" })).rejects.toMatchObject({ code: "auth.forbidden" });
    await expect(local(createOrganisation, { name: "x", slug: "new" })).rejects.toMatchObject({
      code: "organisation.slug_taken",
    });
    await expect(local(createOrganisation, { name: "x", admin: "user:nobody" })).rejects.toMatchObject({
      code: "user.not_found",
    });
    await expect(local(createOrganisation, { name: "x", plan: "golden" })).rejects.toMatchObject({
      code: "plan.unknown",
      data: { hint: expect.stringContaining("free, pro, team, enterprise") as string },
    });
    await expect(local(createOrganisation, { name: "x", admin: "local" })).rejects.toMatchObject({
      code: "request.invalid",
    });
  });

  test("leave nothing behind when the storage of their default space cannot be made", async () => {
    const full = () => Promise.reject(new CairnError("storage.full", "The disk is full."));
    const engine = makeFakeEngine();
    let broken = false;
    await using setup = await setUpTenants({
      engine: { ...engine, create: (space) => (broken ? full() : engine.create(space)) },
    });
    broken = true;
    await expect(setup.local(createOrganisation, { name: "New" })).rejects.toMatchObject({ code: "storage.full" });
    expect(await setup.tenants.organisations.lookUp("new")).toBeNull();
  });

  test("TEN-1 are seen by those who belong to them, with their role, and by nobody else", async () => {
    await using setup = await setUpTenants();
    const { acme, other, as, local, who } = setup;
    const { vera, eve, nina, root } = who;
    expect(await as(vera)(getOrganisation, { id: acme.id })).toMatchObject({ name: "Acme", role: "viewer" });
    expect(await as(vera)(getOrganisation, { id: "acme" })).toMatchObject({ id: acme.id });
    const unknown = as(vera)(getOrganisation, { id: "nowhere" }).catch((error: unknown) => error);
    for (const id of [other.id, "other", homeOrganisation])
      expect(await as(vera)(getOrganisation, { id }).catch((error: unknown) => error)).toEqual(await unknown);
    expect(await as(root)(getOrganisation, { id: "other" })).toMatchObject({ id: other.id, role: null });
    await setup.tenants.organisations.setMember(other.id, { principal: vera, role: "editor", by: eve });
    const list = async (call: typeof local, input: object = {}) =>
      (await call(listOrganisations, input)).organisations.map(({ slug, role }) => [slug, role]);
    expect(await list(as(vera))).toEqual([
      ["acme", "viewer"],
      ["other", "editor"],
    ]);
    expect(await list(as(nina))).toEqual([]);
    expect(await list(as("key:7", { credential: "key", organisation: other.id, role: "viewer" }))).toEqual([
      ["other", "viewer"],
    ]);
    await expect(as(vera)(listOrganisations, { all: true })).rejects.toMatchObject({ code: "auth.forbidden" });
    const first = await local(listOrganisations, { all: true, limit: 2 });
    expect(first.organisations.map(({ slug }) => slug)).toEqual(["home", "acme"]);
    expect(await list(local, { all: true, cursor: first.cursor })).toEqual([["other", null]]);
    // Their own are paged alike.
    const mine = await as(vera)(listOrganisations, { limit: 1 });
    expect(await list(as(vera), { cursor: mine.cursor })).toEqual([["other", "editor"]]);
  });

  test("TEN-1 are renamed by their admins; plan and status are the server's", async () => {
    await using setup = await setUpTenants();
    const { acme, other, as, local, who } = setup;
    const { anna, edgar, root } = who;
    const admin = as(anna);
    expect(await admin(updateOrganisation, { id: "acme", name: "Acme Two", slug: "acme-two" })).toMatchObject({
      name: "Acme Two",
      slug: "acme-two",
      role: "admin",
    });
    await expect(as(edgar)(updateOrganisation, { id: acme.id, name: "x" })).rejects.toMatchObject({
      code: "auth.forbidden",
    });
    for (const change of [{ plan: "enterprise" }, { plan: null }, { status: "suspended" }])
      await expect(admin(updateOrganisation, { id: acme.id, ...change })).rejects.toMatchObject({
        code: "auth.forbidden",
      });
    await expect(admin(updateOrganisation, { id: other.id, name: "Mine" })).rejects.toMatchObject({
      code: "organisation.not_found",
    });
    expect(await as(root)(updateOrganisation, { id: "acme-two", plan: "pro" })).toMatchObject({ plan: "pro" });
    await expect(local(updateOrganisation, { id: acme.id, plan: "golden" })).rejects.toMatchObject({
      code: "plan.unknown",
    });
    expect(await local(updateOrganisation, { id: acme.id, status: "suspended" })).toMatchObject({
      status: "suspended",
      plan: "pro",
    });
    await expect(admin(getOrganisation, { id: acme.id })).rejects.toMatchObject({ code: "organisation.suspended" });
    // A key of an administrator that is limited to other things administrates nothing.
    const limited = as(root, { credential: "key", scopes: ["organisation:manage", "members:manage"] });
    await expect(limited(updateOrganisation, { id: acme.id, status: "active" })).rejects.toMatchObject({
      code: "auth.forbidden",
    });
    await expect(limited(listMembers, { organisation: "other" })).rejects.toMatchObject({
      code: "auth.scope_missing",
    });
    await local(updateOrganisation, { id: acme.id, status: "active" });
    expect(await admin(getOrganisation, { id: acme.id })).toMatchObject({ status: "active" });
  });

  test("TEN-1 go with everything in them", async () => {
    await using setup = await setUpTenants();
    const { acme, as, local, who } = setup;
    const anna = as(who.anna);
    await anna(createSpace, { name: "Extra" });
    await anna(remember, { content: "gone soon" });
    await as(who.eve)(remember, { content: "kept" });
    await anna(createInvitation, { email: "x@example.com", role: "viewer" });
    await expect(anna(removeOrganisation, { id: acme.id })).rejects.toMatchObject({ code: "auth.forbidden" });
    expect(await local(removeOrganisation, { id: "acme" })).toEqual({ success: true, id: acme.id });
    await expect(anna(listSpaces, {})).rejects.toMatchObject({ code: "auth.required" });
    expect(await setup.directory.list(acme.id)).toEqual([]);
    await expect(local(removeOrganisation, { id: acme.id })).rejects.toMatchObject({ code: "organisation.not_found" });
    await expect(local(removeOrganisation, { id: "home" })).rejects.toMatchObject({ code: "request.invalid" });
    expect(await as(who.eve)(readStats, {})).toMatchObject({ totalMemories: 1 });
    expect(await setup.tenants.people.find(who.anna)).not.toBeNull();
  });

  test("that could not be deleted whole are suspended, and can be deleted again", async () => {
    const engine = makeFakeEngine();
    let failing = true;
    await using setup = await setUpTenants({
      engine: {
        ...engine,
        drop: (space) => (failing ? Promise.reject(new CairnError("storage.busy", "Later.")) : engine.drop(space)),
      },
    });
    const { acme, as, local, who, directory } = setup;
    const moving = await as(who.anna)(createSpace, { name: "Moving" });
    const record = await directory.resolve(moving.id);
    const started = await directory.advanceMove(record!, { kind: "start", to: "b" });
    await expect(local(removeOrganisation, { id: acme.id })).rejects.toMatchObject({ code: "storage.busy" });
    // Nothing was touched yet.
    expect(await as(who.anna)(getOrganisation, { id: acme.id })).toMatchObject({ status: "active" });
    await directory.advanceMove(started!, { kind: "abandon" });
    await expect(local(removeOrganisation, { id: acme.id })).rejects.toMatchObject({ code: "storage.busy" });
    expect(await local(getOrganisation, { id: acme.id })).toMatchObject({ status: "suspended" });
    failing = false;
    expect(await local(removeOrganisation, { id: acme.id })).toMatchObject({ success: true });
  });
});
