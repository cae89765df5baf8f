/** Grants on spaces: a part of `organisations-conformance.ts`. */
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { makeWorld, type OrganisationsSetup, start } from "./world.ts";

const by = "user:anna";

export const describeGrants = (setUp: () => Promise<OrganisationsSetup>): void => {
  describe("grants", () => {
    test("COL-2 are one a principal and space, replaced as a whole, and every server knows it at once", async () => {
      await using world = await makeWorld(setUp);
      const { id, defaultSpace } = await world.acme();
      const space = await world.spaces.create({ name: "x", description: null, organisation: id });
      expect(await world.other.grantsOf(space.id)).toEqual([]);
      const first = await world.one.setGrant(space.id, {
        principal: "user:vera",
        actions: ["write", "read", "write"],
        by,
      });
      expect(first).toEqual({
        space: space.id,
        principal: "user:vera",
        actions: ["read", "write"],
        createdAt: start,
        createdBy: by,
      });
      await world.heard();
      expect(await world.other.grantsOf(space.id)).toEqual([first]);
      expect(await world.other.grantsOf(defaultSpace)).toEqual([]);
      const shutOut = await world.one.setGrant(space.id, { principal: "user:vera", actions: [], by });
      expect(shutOut.actions).toEqual([]);
      await world.heard();
      expect(await world.other.grantsOf(space.id)).toEqual([shutOut]);
      await world.one.removeGrant(space.id, "user:vera");
      await world.heard();
      expect(await world.other.grantsOf(space.id)).toEqual([]);
      await expect(world.one.removeGrant(space.id, "user:vera")).rejects.toMatchObject({ code: "grant.not_found" });
    });

    test("of one principal are found for an organisation", async () => {
      await using world = await makeWorld(setUp);
      const { id, defaultSpace } = await world.acme();
      const space = await world.spaces.create({ name: "x", description: null, organisation: id });
      await world.one.setMember(homeOrganisation, { principal: "user:vera", role: "viewer", by: "local" });
      const home = await world.spaces.create({ name: "x", description: null });
      for (const one of [defaultSpace, space.id, home.id])
        await world.one.setGrant(one, { principal: "user:vera", actions: ["read"], by });
      await world.one.setGrant(space.id, { principal: "user:edgar", actions: ["read"], by });
      const found = await world.one.grantsTo(id, "user:vera");
      expect(found.map((grant) => grant.space)).toEqual([defaultSpace, space.id].toSorted());
      expect(await world.one.grantsTo(homeOrganisation, "user:vera")).toHaveLength(1);
      expect(await world.one.grantsTo(id, "user:anna")).toEqual([]);
    });

    test("COL-2 are for members, keys of nobody and outside sign-ins of the space's own organisation", async () => {
      await using world = await makeWorld(setUp);
      const { id, defaultSpace } = await world.acme();
      const other = await world.one.create({
        name: "Other",
        members: [{ principal: "user:eve", role: "admin" }],
        createdBy: "local",
      });
      await world.makeKey({ id: "own", organisation: id, owner: null });
      await world.makeKey({ id: "annas", organisation: id, owner: "user:anna" });
      await world.makeKey({ id: "foreign", organisation: other.id, owner: null });
      const grant = (principal: string) =>
        world.one.setGrant(defaultSpace, { principal, actions: ["read"], by: "user:anna" });
      for (const principal of ["user:edgar", "key:own", "external:acme:auth0|123"])
        expect(await grant(principal)).toMatchObject({ principal });
      for (const principal of ["user:eve", "user:nobody", "key:annas", "key:foreign", "key:none"])
        await expect(grant(principal)).rejects.toMatchObject({ code: "member.not_found" });
      for (const principal of ["local", "anonymous", "", "user:", "external:x", "everyone"])
        await expect(grant(principal)).rejects.toMatchObject({ code: "request.invalid" });
      await expect(
        world.one.setGrant("nowhere", { principal: "user:edgar", actions: ["read"], by }),
      ).rejects.toMatchObject({ code: "space.not_found" });
    });

    test("are never given to somebody who is removed meanwhile", async () => {
      await using world = await makeWorld(setUp);
      for (let round = 0; round < 5; round += 1) {
        const { id, defaultSpace } = await world.acme();
        await Promise.allSettled([
          world.one.removeMember(id, "user:vera"),
          world.other.setGrant(defaultSpace, { principal: "user:vera", actions: ["manage"], by }),
        ]);
        expect(await world.one.grantsTo(id, "user:vera")).toEqual([]);
      }
    });

    test("go with their space", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const space = await world.spaces.create({ name: "x", description: null, organisation: id });
      await world.one.setGrant(space.id, { principal: "user:vera", actions: ["read"], by });
      expect(await world.other.grantsOf(space.id)).toHaveLength(1);
      await world.spaces.remove(space.id);
      await world.heard();
      expect(await world.one.grantsOf(space.id)).toEqual([]);
      expect(await world.other.grantsOf(space.id)).toEqual([]);
      expect(await world.one.grantsTo(id, "user:vera")).toEqual([]);
    });

    test("are bounded", async () => {
      await using world = await makeWorld(setUp);
      const { id, defaultSpace } = await world.acme();
      await world.database.change(async ({ tables }) => {
        for (let from = 0; from < 1_000; from += 200) {
          const rows = Array.from({ length: 200 }, (_, index) => ({
            id: `g${from + index}`,
            space: defaultSpace,
            organisation: id,
            principal: `external:p:${from + index}`,
            actions: "read",
            created_at: start,
            created_by: "local",
          }));
          await tables.insertInto("grants").values(rows).execute();
        }
      });
      const grant = (principal: string) => world.one.setGrant(defaultSpace, { principal, actions: [], by });
      await expect(grant("user:vera")).rejects.toMatchObject({ code: "limit.exceeded" });
      expect(await grant("external:p:7")).toMatchObject({ actions: [] });
    });
  });
};
