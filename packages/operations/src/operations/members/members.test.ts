import { setUpTenants } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import { makePipeline } from "../../pipeline.ts";
import { createInvitation } from "../invitations/create.ts";
import { listOrganisations } from "../organisations/list.ts";
import { listSpaces } from "../spaces/list.ts";
import { addMember } from "./add.ts";
import { leaveOrganisation } from "./leave.ts";
import { listMembers } from "./list.ts";
import { removeMember } from "./remove.ts";
import { updateMember } from "./update.ts";

describe("members", () => {
  test("COL-1 are seen by each other, with name, address and role", async () => {
    await using setup = await setUpTenants();
    const { as, local, who } = setup;
    const list = async (call: typeof local, input: object = {}) =>
      (await call(listMembers, input)).members.map(({ name, role, email }) => [name, role, email]);
    const members = [
      ["anna", "admin", "anna@example.com"],
      ["edgar", "editor", "edgar@example.com"],
      ["vera", "viewer", "vera@example.com"],
    ];
    expect(await list(as(who.vera))).toEqual(members);
    const first = await as(who.vera)(listMembers, { limit: 2 });
    expect(await list(as(who.vera), { limit: 2, cursor: first.cursor })).toEqual(members.slice(2));
    expect(await list(as(who.eve))).toEqual([["eve", "admin", "eve@example.com"]]);
    await expect(as(who.eve)(listMembers, { organisation: "acme" })).rejects.toMatchObject({
      code: "organisation.not_found",
    });
    expect(await list(local, { organisation: "acme" })).toEqual(members);
    await expect(as(who.nina)(listMembers, {})).rejects.toMatchObject({ code: "auth.forbidden" });
  });

  test("COL-1 TEN-2 are made admins by nobody whose key may less than an admin", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const limited = { credential: "key", scopes: ["members:manage", "memories:read"] } as const;
    const key = as(who.anna, limited);
    for (const [operation, input] of [
      [updateMember, { principal: who.edgar, role: "admin" }],
      [createInvitation, { email: "mallory@example.com", role: "admin" }],
    ] as const)
      await expect(
        (key as (asked: unknown, given: object) => Promise<unknown>)(operation, input),
      ).rejects.toMatchObject({ code: "auth.scope_missing" });
    expect(setup.sent).toEqual([]);
    expect(await key(updateMember, { principal: who.vera, role: "editor" })).toMatchObject({ role: "editor" });
    const all = ["members:manage", "organisation:manage", "audit:read"] as const;
    const mighty = as(who.anna, { ...limited, scopes: all });
    expect(await mighty(updateMember, { principal: who.edgar, role: "admin" })).toMatchObject({ role: "admin" });
    // In the home organisation an admin administers the server too.
    const root = { ...limited, scopes: [...all, "server:manage"] } as const;
    const given = { principal: who.nina, role: "admin" };
    await expect(as(who.root, root)(addMember, given)).rejects.toMatchObject({ code: "auth.scope_missing" });
    const whole = { ...root, scopes: [...root.scopes, "metrics:read"] } as const;
    expect(await as(who.root, whole)(addMember, given)).toMatchObject({ role: "admin" });
  });

  test("TEN-8 taken in by who administers the server are in the audit of their organisation", async () => {
    await using setup = await setUpTenants();
    const { who, acme, tenants, services } = setup;
    const audited = makePipeline(services, { audits: async () => true });
    const caller = { ...setup.caller, identity: await setup.identityOf(who.root) };
    await audited.call(addMember, caller, { principal: who.nina, role: "viewer", organisation: acme.id });
    const { links } = await tenants.ledger.entries({ organisation: acme.id, order: "oldest", limit: 10 });
    expect(links).toMatchObject([{ entry: { operation: "members.add", principal: who.root } }]);
  });

  test("COL-1 get another role from an admin, and from the next call on it counts", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const anna = as(who.anna);
    await expect(as(who.edgar)(updateMember, { principal: who.vera, role: "editor" })).rejects.toMatchObject({
      code: "auth.forbidden",
    });
    expect(await anna(updateMember, { principal: who.edgar, role: "admin" })).toMatchObject({
      principal: who.edgar,
      role: "admin",
      name: "edgar",
    });
    expect(await as(who.edgar)(updateMember, { principal: who.anna, role: "viewer" })).toMatchObject({
      role: "viewer",
    });
    await expect(anna(updateMember, { principal: who.anna, role: "admin" })).rejects.toMatchObject({
      code: "auth.forbidden",
    });
    await expect(as(who.edgar)(updateMember, { principal: who.edgar, role: "editor" })).rejects.toMatchObject({
      code: "member.last_admin",
    });
    // People of other organisations, and strangers, are taken in by invitation only.
    for (const principal of [who.eve, who.nina, "user:nobody"])
      await expect(as(who.edgar)(updateMember, { principal, role: "viewer" })).rejects.toMatchObject({
        code: "member.not_found",
      });
    await expect(as(who.edgar)(updateMember, { principal: "local", role: "viewer" })).rejects.toMatchObject({
      code: "request.invalid",
    });
  });

  test("COL-1 that are removed are nobody at their next call", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const anna = as(who.anna);
    expect((await as(who.edgar)(listSpaces, {})).spaces).toHaveLength(1);
    for (const one of [who.edgar, who.vera])
      await expect(as(one)(removeMember, { principal: who.vera })).rejects.toMatchObject({ code: "auth.forbidden" });
    expect(await anna(removeMember, { principal: who.edgar })).toEqual({ success: true, principal: who.edgar });
    await expect(as(who.edgar)(listSpaces, {})).rejects.toMatchObject({ code: "auth.required" });
    await expect(anna(removeMember, { principal: who.edgar })).rejects.toMatchObject({ code: "member.not_found" });
    await expect(anna(removeMember, { principal: who.eve })).rejects.toMatchObject({ code: "member.not_found" });
    await expect(anna(removeMember, { principal: who.anna })).rejects.toMatchObject({ code: "member.last_admin" });
    const removed = setup.records.find(({ operation, outcome }) => operation === "members.remove" && outcome === "ok");
    expect(removed).toMatchObject({ audit: "administrate", subjects: [who.edgar] });
  });

  test("COL-1 may leave of themselves, the last admin not", async () => {
    await using setup = await setUpTenants();
    const { acme, as, who } = setup;
    expect(await as(who.vera)(leaveOrganisation, {})).toEqual({ success: true, organisation: acme.id });
    expect(await as(who.vera)(listOrganisations, {})).toMatchObject({ organisations: [] });
    await expect(as(who.anna)(leaveOrganisation, {})).rejects.toMatchObject({ code: "member.last_admin" });
    // A key that was made for memories does not end its owner's membership, and one of nobody has none.
    const key = as(who.edgar, { credential: "key", scopes: ["memories:read", "members:manage"] });
    await expect(key(leaveOrganisation, {})).rejects.toMatchObject({ code: "auth.scope_missing" });
    const ownerless = as("key:7", { credential: "key", organisation: acme.id, role: "admin" });
    await expect(ownerless(leaveOrganisation, {})).rejects.toMatchObject({ code: "member.not_found" });
    await expect(as(who.nina)(leaveOrganisation, {})).rejects.toMatchObject({ code: "auth.required" });
  });

  test("COL-1 are taken in without an invitation by whoever administers the server, and by nobody else", async () => {
    await using setup = await setUpTenants();
    const { as, local, who } = setup;
    const given = { principal: who.nina, role: "viewer", organisation: "acme" };
    for (const caller of [who.anna, who.edgar, who.nina]) {
      await expect(as(caller)(addMember, given)).rejects.toMatchObject({ code: "auth.forbidden" });
    }
    expect(await local(addMember, given)).toMatchObject({ principal: who.nina, role: "viewer", name: "nina" });
    expect(await as(who.root)(addMember, { ...given, role: "editor" })).toMatchObject({ role: "editor" });
    const { members } = await local(listMembers, { organisation: "acme" });
    expect(members.map(({ name, role }) => [name, role])).toContainEqual(["nina", "editor"]);
    const nobody = "user:00000000-0000-7000-8000-00000000dead";
    await expect(local(addMember, { ...given, principal: nobody })).rejects.toMatchObject({ code: "user.not_found" });
    await expect(local(addMember, { ...given, organisation: "nowhere" })).rejects.toMatchObject({
      code: "organisation.not_found",
    });
  });
});
