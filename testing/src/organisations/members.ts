/** Members and their roles: a part of `organisations-conformance.ts`. */
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { makeWorld, type OrganisationsSetup } from "./world.ts";

const by = "user:anna";

export const describeMembers = (setUp: () => Promise<OrganisationsSetup>): void => {
  describe("members", () => {
    test("COL-1 have one role in each organisation, and every server knows it at once", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const home = await world.one.setMember(homeOrganisation, { principal: "user:vera", role: "admin", by: "local" });
      expect(home).toMatchObject({
        organisation: homeOrganisation,
        principal: "user:vera",
        role: "admin",
        createdBy: "local",
      });
      expect(await world.other.roleOf(id, "user:vera")).toBe("viewer");
      expect(await world.other.roleOf(homeOrganisation, "user:vera")).toBe("admin");
      expect(await world.other.roleOf(id, "user:nobody")).toBeNull();
      const raised = await world.one.setMember(id, { principal: "user:vera", role: "editor", by });
      await world.heard();
      expect(await world.other.roleOf(id, "user:vera")).toBe("editor");
      expect(await world.other.roleOf(homeOrganisation, "user:vera")).toBe("admin");
      const memberships = await world.one.membershipsOf("user:vera");
      expect(memberships).toEqual([raised, home]);
      // Whoever comes later is known at once too.
      await world.one.setMember(id, { principal: "user:nobody", role: "viewer", by });
      await world.heard();
      expect(await world.other.roleOf(id, "user:nobody")).toBe("viewer");
    });

    test("are listed page by page, those of others never", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      await world.one.create({
        name: "Other",
        members: [{ principal: "user:eve", role: "admin" }],
        createdBy: "local",
      });
      const first = await world.one.members(id, { limit: 2 });
      const second = await world.one.members(id, { after: first.at(-1)!.id, limit: 2 });
      expect([...first, ...second].map(({ principal, role }) => [principal, role])).toEqual([
        ["user:anna", "admin"],
        ["user:edgar", "editor"],
        ["user:vera", "viewer"],
      ]);
    });

    test("that are not there are changed only where new ones are wanted", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const change = { principal: "user:new", role: "editor", by } as const;
      await expect(world.one.setMember(id, { ...change, existing: true })).rejects.toMatchObject({
        code: "member.not_found",
      });
      await expect(world.one.setMember("nowhere", change)).rejects.toMatchObject({ code: "organisation.not_found" });
      await expect(world.one.removeMember(id, "user:new")).rejects.toMatchObject({ code: "member.not_found" });
      await expect(world.one.removeMember("nowhere", "user:anna")).rejects.toMatchObject({
        code: "organisation.not_found",
      });
      for (const principal of ["local", "anonymous", "key:1", "user:", "user:a b", `user:${"x".repeat(101)}`, "anna"]) {
        await expect(world.one.setMember(id, { ...change, principal })).rejects.toMatchObject({
          code: "request.invalid",
        });
      }
      const external = { principal: "external:acme:auth0|5:x", role: "viewer", by } as const;
      expect(await world.one.setMember(id, external)).toMatchObject({ role: "viewer" });
    });

    test("COL-1 lose everything at once when they are removed: role, grants and the keys that act for them", async () => {
      await using world = await makeWorld(setUp);
      const { id, defaultSpace } = await world.acme();
      const elsewhere = await world.one.create({
        name: "Elsewhere",
        members: [{ principal: "user:edgar", role: "admin" }],
        createdBy: "local",
      });
      const grant = (space: string, principal: string) =>
        world.one.setGrant(space, { principal, actions: ["read"], by });
      await grant(defaultSpace, "user:edgar");
      await grant(defaultSpace, "user:vera");
      await grant(elsewhere.defaultSpace, "user:edgar");
      await world.makeKey({ id: "a-edgar", organisation: id, owner: "user:edgar" });
      await world.makeKey({ id: "b-vera", organisation: id, owner: "user:vera" });
      await world.makeKey({ id: "c-edgar-elsewhere", organisation: elsewhere.id, owner: "user:edgar" });
      expect(await world.other.roleOf(id, "user:edgar")).toBe("editor");
      expect(await world.other.grantsOf(defaultSpace)).toHaveLength(2);
      await world.one.removeMember(id, "user:edgar");
      await world.heard();
      for (const server of [world.one, world.other]) {
        expect(await server.roleOf(id, "user:edgar")).toBeNull();
        expect((await server.grantsOf(defaultSpace)).map(({ principal }) => principal)).toEqual(["user:vera"]);
        expect(await server.grantsOf(elsewhere.defaultSpace)).toHaveLength(1);
        expect((await server.membershipsOf("user:edgar")).map(({ organisation }) => organisation)).toEqual([
          elsewhere.id,
        ]);
      }
      expect(await world.keys()).toEqual([
        ["a-edgar", true],
        ["b-vera", false],
        ["c-edgar-elsewhere", false],
      ]);
    });

    test("COL-1 always include an admin", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const demote = (principal: string) => world.one.setMember(id, { principal, role: "viewer", by });
      await expect(demote("user:anna")).rejects.toMatchObject({ code: "member.last_admin" });
      await expect(world.one.removeMember(id, "user:anna")).rejects.toMatchObject({ code: "member.last_admin" });
      expect(await world.one.roleOf(id, "user:anna")).toBe("admin");
      await world.one.setMember(id, { principal: "user:anna", role: "admin", by });
      await world.one.setMember(id, { principal: "user:vera", role: "admin", by });
      expect(await demote("user:anna")).toMatchObject({ role: "viewer" });
      await expect(world.one.removeMember(id, "user:vera")).rejects.toMatchObject({ code: "member.last_admin" });
      // Where there was none, nothing is lost.
      const empty = await world.one.create({ name: "Empty", createdBy: "local" });
      expect(await world.one.setMember(empty.id, { principal: "user:x", role: "viewer", by })).toMatchObject({
        role: "viewer",
      });
      await world.one.removeMember(empty.id, "user:x");
    });

    test("COL-1 include one also when two servers take the last two at once", async () => {
      await using world = await makeWorld(setUp);
      for (let round = 0; round < 8; round += 1) {
        const { id } = await world.one.create({
          name: "Two",
          members: [
            { principal: "user:anna", role: "admin" },
            { principal: "user:bert", role: "admin" },
          ],
          createdBy: "local",
        });
        const taken = await Promise.allSettled([
          world.one.setMember(id, { principal: "user:anna", role: "editor", by }),
          round % 2 === 0
            ? world.other.setMember(id, { principal: "user:bert", role: "viewer", by })
            : world.other.removeMember(id, "user:bert"),
        ]);
        expect(taken.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect(taken.find((result) => result.status === "rejected")?.reason).toMatchObject({
          code: "member.last_admin",
        });
        const admins = (await world.one.members(id, { limit: 10 })).filter(({ role }) => role === "admin");
        expect(admins).toHaveLength(1);
      }
    });

    test("that one admin removes stay removed while another changes their role", async () => {
      await using world = await makeWorld(setUp);
      for (let round = 0; round < 5; round += 1) {
        const { id } = await world.acme();
        await Promise.allSettled([
          world.one.removeMember(id, "user:vera"),
          world.other.setMember(id, { principal: "user:vera", role: "admin", by, existing: true }),
        ]);
        expect((await world.one.members(id, { limit: 10 })).map(({ principal }) => principal)).toEqual([
          "user:anna",
          "user:edgar",
        ]);
      }
    });
  });
};
