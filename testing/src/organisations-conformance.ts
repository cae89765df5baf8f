/**
 * What every `OrganisationDirectory` promises. An adapter's test calls `describeOrganisations` with a factory of handles:
 * handles of one `setup` look at the same directory, as processes on one data folder or servers on one database do.
 */
import { defaultSpaceId } from "@cairn/directory/space-directory";
import { isUuid } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { describeGrants } from "./organisations/grants.ts";
import { describeInvitations } from "./organisations/invitations.ts";
import { describeMembers } from "./organisations/members.ts";
import { makeWorld, type OrganisationsSetup } from "./organisations/world.ts";

export const describeOrganisations = (name: string, setUp: () => Promise<OrganisationsSetup>): void => {
  describe(`organisations: ${name}`, () => {
    test("TEN-1 there is a home organisation from the first moment, which owns the default space", async () => {
      await using world = await makeWorld(setUp);
      const home = await world.one.find(homeOrganisation);
      expect(home).toMatchObject({
        id: homeOrganisation,
        slug: "home",
        plan: null,
        status: "active",
        defaultSpace: defaultSpaceId,
      });
      expect(await world.one.lookUp("home")).toEqual(home);
      await expect(world.one.remove(homeOrganisation)).rejects.toMatchObject({ code: "request.invalid" });
      await expect(world.one.update(homeOrganisation, { status: "suspended" })).rejects.toMatchObject({
        code: "request.invalid",
      });
    });

    test("TEN-1 makes one with its default space and its first members, and finds it by id and slug", async () => {
      await using world = await makeWorld(setUp);
      const made = await world.one.create({
        name: "  Acme Incorporated ",
        plan: "team",
        members: [{ principal: "user:anna", role: "admin" }],
        createdBy: "local",
      });
      expect(made).toMatchObject({
        name: "Acme Incorporated",
        slug: "acme-incorporated",
        plan: "team",
        status: "active",
      });
      expect(isUuid(made.id)).toBe(true);
      expect(await world.one.find(made.id)).toEqual(made);
      expect(await world.one.lookUp("acme-incorporated")).toEqual(made);
      expect(await world.one.lookUp(made.id)).toEqual(made);
      expect(await world.one.lookUp("acme")).toBeNull();
      expect(await world.one.roleOf(made.id, "user:anna")).toBe("admin");
      const space = await world.spaces.resolve("default", made.id);
      expect(space).toMatchObject({ id: made.defaultSpace, organisation: made.id, visibility: "organisation" });
      expect((await world.spaces.resolve("default"))?.id).toBe(defaultSpaceId);
    });

    test("makes slugs of what names there are, each once", async () => {
      await using world = await makeWorld(setUp);
      const slugOf = async (called: string) => (await world.one.create({ name: called, createdBy: "local" })).slug;
      expect(await slugOf("Ärzte & Söhne")).toBe("arzte-sohne");
      expect(await slugOf("ärzte söhne!")).toBe("arzte-sohne-2");
      expect(await slugOf("株式会社")).toBe("organisation");
      expect(await slugOf("—")).toBe("organisation-2");
      expect((await slugOf("x".repeat(100))).length).toBe(40);
      expect(await slugOf("x".repeat(100))).toBe(`${"x".repeat(38)}-2`);
      for (let count = 0; count < 10; count += 1) expect(await slugOf("Same")).toMatch(/^same(?:-[0-9a-f]+)?$/u);
      expect((await world.one.page({ limit: 1_000 })).filter(({ slug }) => slug.startsWith("same"))).toHaveLength(10);
    });

    test("gives a slug to one of several servers that want it at once", async () => {
      await using world = await makeWorld(setUp);
      const wanted = [world.one, world.other, world.one, world.other];
      const asked = await Promise.allSettled(
        wanted.map((server) => server.create({ name: "x", slug: "wanted", createdBy: "local" })),
      );
      expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const failed of asked.filter((result) => result.status === "rejected"))
        expect(failed.reason).toMatchObject({ code: "organisation.slug_taken" });
      const named = await Promise.all(wanted.map((server) => server.create({ name: "Same", createdBy: "local" })));
      expect(new Set(named.map(({ slug }) => slug)).size).toBe(4);
      // Who failed left nothing behind, no default space either.
      expect(await world.spaces.list()).toHaveLength(1 + 1 + 4);
    });

    test.each([
      { name: "" },
      { name: "x".repeat(101) },
      { name: "a\nb" },
      { name: "x", slug: "" },
      { name: "x", slug: "Upper" },
      { name: "x", slug: "-x" },
      { name: "x", slug: "x".repeat(41) },
      { name: "x", slug: "01890000-0000-7000-8000-000000000000" },
      { name: "x", plan: "" },
      { name: "x", plan: "x".repeat(65) },
      { name: "x", members: [{ principal: "local", role: "admin" as const }] },
    ])("refuses $name / $slug / $plan", async (given) => {
      await using world = await makeWorld(setUp);
      await expect(world.one.create({ ...given, createdBy: "local" })).rejects.toMatchObject({
        code: "request.invalid",
      });
      expect(await world.one.page({ limit: 10 })).toHaveLength(1);
    });

    test("TEN-1 changes what is given, and every server knows it at once", async () => {
      await using world = await makeWorld(setUp);
      const made = await world.one.create({ name: "Acme", plan: "team", createdBy: "local" });
      await world.one.create({ name: "Other", createdBy: "local" });
      expect(await world.other.find(made.id)).toEqual(made);
      const changed = await world.one.update(made.id, { name: "Acme Two", slug: "acme-two" });
      expect(changed).toMatchObject({ name: "Acme Two", slug: "acme-two", plan: "team", status: "active" });
      await world.heard();
      expect(await world.other.find(made.id)).toEqual(changed);
      expect(await world.one.update(made.id, { plan: null, status: "suspended" })).toMatchObject({
        plan: null,
        status: "suspended",
      });
      await world.heard();
      expect(await world.other.find(made.id)).toMatchObject({ status: "suspended", name: "Acme Two" });
      await expect(world.one.update(made.id, { slug: "other" })).rejects.toMatchObject({
        code: "organisation.slug_taken",
      });
      await expect(world.one.update("nobody", { name: "x" })).rejects.toMatchObject({
        code: "organisation.not_found",
      });
    });

    test("lists all of them page by page, in the order in which they were made", async () => {
      await using world = await makeWorld(setUp);
      const made = [homeOrganisation];
      for (const name of ["c", "a", "b"]) made.push((await world.one.create({ name, createdBy: "local" })).id);
      const first = await world.one.page({ limit: 2 });
      const second = await world.one.page({ after: first.at(-1)!.id, limit: 2 });
      expect([...first, ...second].map(({ id }) => id)).toEqual(made);
      expect(await world.one.page({ after: second.at(-1)!.id, limit: 2 })).toEqual([]);
      for (const limit of [0, 1.5, 1_001])
        await expect(world.one.page({ limit })).rejects.toMatchObject({ code: "request.invalid" });
    });

    test("TEN-1 removes one with all that is kept under it, and every server knows it at once", async () => {
      await using world = await makeWorld(setUp);
      const { id, defaultSpace } = await world.acme();
      const kept = await world.one.create({
        name: "Kept",
        members: [{ principal: "user:anna", role: "admin" }],
        createdBy: "local",
      });
      const space = await world.spaces.create({ name: "x", description: null, organisation: id });
      await world.one.setGrant(defaultSpace, { principal: "user:vera", actions: ["write"], by: "user:anna" });
      await world.one.invite(world.invitation(id), "hash");
      await world.makeKey({ id: "k1", organisation: id, owner: null });
      expect(await world.other.roleOf(id, "user:anna")).toBe("admin");
      expect(await world.other.grantsOf(defaultSpace)).toHaveLength(1);
      await expect(world.one.remove(id)).rejects.toMatchObject({ code: "space.not_empty" });
      expect(await world.one.find(id)).not.toBeNull();
      await world.spaces.remove(space.id);
      await world.one.remove(id);
      await world.heard();
      for (const server of [world.one, world.other]) {
        expect(await server.find(id)).toBeNull();
        expect(await server.roleOf(id, "user:anna")).toBeNull();
        expect(await server.grantsOf(defaultSpace)).toEqual([]);
        expect(await server.invitationOf("hash")).toBeNull();
        expect(await server.find(kept.id)).toEqual(kept);
        expect(await server.roleOf(kept.id, "user:anna")).toBe("admin");
      }
      expect(await world.spaces.resolve(defaultSpace)).toBeNull();
      expect(await world.keys()).toEqual([]);
      await expect(world.one.remove(id)).rejects.toMatchObject({ code: "organisation.not_found" });
      await expect(world.spaces.create({ name: "late", description: null, organisation: id })).rejects.toMatchObject({
        code: "organisation.not_found",
      });
    });

    test("never leaves a space behind that is made while its organisation is removed", async () => {
      await using world = await makeWorld(setUp);
      for (let round = 0; round < 5; round += 1) {
        const { id } = await world.one.create({ name: "Short", createdBy: "local" });
        const [removed, made] = await Promise.allSettled([
          world.other.remove(id),
          world.spaces.create({ name: "late", description: null, organisation: id }),
        ]);
        expect([removed.status, made.status].toSorted()).toEqual(["fulfilled", "rejected"]);
        expect(await world.spaces.list(id)).toHaveLength(removed.status === "fulfilled" ? 0 : 2);
      }
    });

    test("TEN-8 has each change audited in its transaction, and what failed not at all", async () => {
      await using world = await makeWorld(setUp);
      const { one, note, audited } = world;
      const anna = { principal: "user:anna", role: "admin" } as const;
      const edgar = { principal: "user:edgar", role: "editor", by: "user:anna" } as const;
      const made = await one.create({ name: "Acme", members: [anna], createdBy: "local" }, note("create"));
      const { id, defaultSpace: space } = made;
      const inside = (operation: string) => note(operation, id);
      await one.update(id, { name: "Two" }, inside("update"));
      await one.setMember(id, edgar, inside("set member"));
      await one.setGrant(space, { principal: "user:edgar", actions: ["read"], by: "user:anna" }, inside("set grant"));
      await one.removeGrant(space, "user:edgar", inside("remove grant"));
      const invited = await one.invite(world.invitation(id), "hash", inside("invite"));
      const nina = { principal: "user:nina", email: "nina@example.com" };
      await one.acceptInvitation("hash", nina, note("accept"));
      const unwanted = await one.invite(world.invitation(id, { email: "x@example.com" }), "other", inside("invite"));
      await one.revokeInvitation(id, unwanted.id, inside("revoke"));
      await one.removeMember(id, "user:edgar", inside("remove member"));
      const failures = [
        one.create({ name: "x", slug: made.slug, createdBy: "local" }, note("failed")),
        one.update(id, { slug: "home" }, inside("failed")),
        one.setMember(id, { ...anna, role: "viewer", by: "user:anna" }, inside("failed")),
        one.removeMember(id, "user:anna", inside("failed")),
        one.setGrant(space, { principal: "user:nobody", actions: [], by: "user:anna" }, inside("failed")),
        one.removeGrant(space, "user:edgar", inside("failed")),
        one.revokeInvitation(id, invited.id, inside("failed")),
        one.remove(homeOrganisation, note("failed")),
      ];
      for (const { status } of await Promise.allSettled(failures)) expect(status).toBe("rejected");
      expect(await one.acceptInvitation("hash", nina, note("failed"))).toBeNull();
      expect(await audited(id)).toEqual([
        "update",
        "set member",
        "set grant",
        "remove grant",
        "invite",
        // Where somebody joined, and not only where they came from.
        "accept",
        "invite",
        "revoke",
        "remove member",
      ]);
      expect(await audited(homeOrganisation)).toEqual(["create"]);
      await one.remove(id, note("remove"));
      expect(await audited(homeOrganisation)).toEqual(["create", "remove"]);
    });

    describeMembers(setUp);
    describeInvitations(setUp);
    describeGrants(setUp);
  });
};
