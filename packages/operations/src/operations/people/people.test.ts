import { setUpTenants } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import type { Operation } from "../../operation.ts";
import { disablePerson } from "./disable.ts";
import { enablePerson } from "./enable.ts";
import { getPerson } from "./get.ts";
import { listPeople } from "./list.ts";
import { readMe } from "./me.ts";
import { removePerson } from "./remove.ts";
import { resetSecondFactor } from "./reset-second-factor.ts";

describe("people", () => {
  test("TEN-1 are listed for administrators of the server, and for nobody else", async () => {
    await using setup = await setUpTenants();
    const { as, local, who } = setup;
    const names = async (input: object) => (await as(who.root)(listPeople, input)).people.map(({ name }) => name);
    expect(await names({})).toEqual(["anna", "edgar", "vera", "eve", "nina", "root"]);
    const first = await local(listPeople, { limit: 4 });
    expect(first.people).toHaveLength(4);
    expect(await names({ limit: 4, cursor: first.cursor })).toEqual(["nina", "root"]);
    expect(await names({ email: "EVE@example.com" })).toEqual(["eve"]);
    expect(await names({ email: "nobody@example.com" })).toEqual([]);
    const operations: readonly Operation[] = [
      listPeople,
      getPerson,
      disablePerson,
      enablePerson,
      resetSecondFactor,
      removePerson,
    ];
    for (const operation of operations) {
      const asked = as(who.anna)(operation, { principal: who.eve });
      await expect(asked).rejects.toMatchObject({ code: "auth.forbidden" });
    }
  });

  test("TEN-1 are disabled and enabled by somebody else", async () => {
    await using setup = await setUpTenants();
    const { as, who, now } = setup;
    const root = as(who.root);
    const { disabledAt } = await root(disablePerson, { principal: who.eve });
    expect(disabledAt).toBe(new Date(now()).toISOString());
    expect((await root(getPerson, { principal: who.eve })).disabledAt).toBe(disabledAt);
    expect((await root(enablePerson, { principal: who.eve })).disabledAt).toBeNull();
    await expect(root(disablePerson, { principal: who.root })).rejects.toMatchObject({ code: "auth.forbidden" });
    const nobody = "user:00000000-0000-7000-8000-000000000009";
    const operations: readonly Operation[] = [getPerson, disablePerson, enablePerson, resetSecondFactor, removePerson];
    for (const operation of operations) {
      await expect(root(operation, { principal: nobody })).rejects.toMatchObject({ code: "user.not_found" });
    }
  });

  test("TEN-1 are removed with their memberships, unless an organisation would have no admin", async () => {
    await using setup = await setUpTenants();
    const { as, who, tenants, acme } = setup;
    const root = as(who.root);
    await expect(root(removePerson, { principal: who.anna })).rejects.toMatchObject({ code: "member.last_admin" });
    expect(await tenants.organisations.roleOf(acme.id, who.anna)).toBe("admin");
    await root(removePerson, { principal: who.edgar });
    expect(await tenants.organisations.roleOf(acme.id, who.edgar)).toBeNull();
    await expect(root(getPerson, { principal: who.edgar })).rejects.toMatchObject({ code: "user.not_found" });
  });

  test("TEN-1 read their own account and organisations", async () => {
    await using setup = await setUpTenants();
    const { as, local, who, acme } = setup;
    expect(await as(who.vera)(readMe, {})).toMatchObject({
      principal: who.vera,
      person: { email: "vera@example.com", verified: true, twoFactor: false, hasPassword: false },
      organisations: [{ id: acme.id, slug: acme.slug, role: "viewer" }],
    });
    expect(await as(who.nina)(readMe, {})).toMatchObject({ person: { name: "nina" }, organisations: [] });
    expect(await local(readMe, {})).toEqual({ principal: "local", person: null, organisations: [] });
  });
});
