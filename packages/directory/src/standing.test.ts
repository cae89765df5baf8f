import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { openSqliteDatabase } from "./database/sqlite-database.ts";
import { organisationsOver } from "./organisations/organisations-over.ts";
import { standingOf, standingWithRole } from "./standing.ts";

const setUp = async () => {
  const database = openSqliteDatabase({ file: ":memory:" });
  const organisations = organisationsOver(database, Date.now);
  const members = [
    { principal: "user:anna", role: "admin" },
    { principal: "user:vera", role: "viewer" },
  ] as const;
  const acme = await organisations.create({ name: "Acme", members, createdBy: "local" });
  await organisations.setMember(homeOrganisation, { principal: "user:vera", role: "admin", by: "local" });
  return { organisations, acme, [Symbol.asyncDispose]: database.close };
};

describe("the standing of a principal", () => {
  test("COL-1 is its role in the organisation; admins of the home organisation administrate the server", async () => {
    await using setup = await setUp();
    const { organisations, acme } = setup;
    expect(await standingOf(organisations, acme.id, "user:anna")).toEqual({
      organisation: acme.id,
      role: "admin",
      administrator: false,
    });
    expect(await standingOf(organisations, homeOrganisation, "user:vera")).toEqual({
      organisation: homeOrganisation,
      role: "admin",
      administrator: true,
    });
    expect(await standingOf(organisations, homeOrganisation, "user:anna")).toBeNull();
    expect(await standingOf(organisations, "nowhere", "user:anna")).toBeNull();
    expect(await standingWithRole(organisations, acme.id, "viewer")).toMatchObject({ role: "viewer" });
    expect(await standingWithRole(organisations, homeOrganisation, "editor")).toMatchObject({ administrator: false });
    expect(await standingWithRole(organisations, "nowhere", "admin")).toBeNull();
  });

  test("COL-1 is lost at once with the membership, and with the organisation", async () => {
    await using setup = await setUp();
    const { organisations, acme } = setup;
    expect(await standingOf(organisations, acme.id, "user:vera")).not.toBeNull();
    await organisations.removeMember(acme.id, "user:vera");
    expect(await standingOf(organisations, acme.id, "user:vera")).toBeNull();
    await organisations.remove(acme.id);
    expect(await standingOf(organisations, acme.id, "user:anna")).toBeNull();
    expect(await standingWithRole(organisations, acme.id, "admin")).toBeNull();
  });

  test("TEN-1 is refused for what it is while the organisation is suspended, to its members alone", async () => {
    await using setup = await setUp();
    const { organisations, acme } = setup;
    await organisations.update(acme.id, { status: "suspended" });
    const suspended = { code: "organisation.suspended" };
    await expect(standingOf(organisations, acme.id, "user:anna")).rejects.toMatchObject(suspended);
    await expect(standingWithRole(organisations, acme.id, "viewer")).rejects.toMatchObject(suspended);
    expect(await standingOf(organisations, acme.id, "user:nobody")).toBeNull();
    await organisations.update(acme.id, { status: "active" });
    expect(await standingOf(organisations, acme.id, "user:anna")).toMatchObject({ role: "admin" });
  });
});
