/** Invitations: a part of `organisations-conformance.ts`. */
import { describe, expect, test } from "vitest";
import { dayMs, makeWorld, type OrganisationsSetup, start } from "./world.ts";

const nina = { principal: "user:nina", email: "nina@example.com" };

export const describeInvitations = (setUp: () => Promise<OrganisationsSetup>): void => {
  describe("invitations", () => {
    test("COL-1 make whoever has the address a member, once", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const made = await world.one.invite(world.invitation(id, { email: " Nina@Example.com " }), "hash");
      expect(made).toMatchObject({ organisation: id, email: "nina@example.com", role: "editor", state: "open" });
      expect(await world.other.invitationOf("hash")).toEqual(made);
      expect(await world.other.roleOf(id, nina.principal)).toBeNull();
      expect(await world.other.acceptInvitation("hash", { ...nina, email: "NINA@example.com" })).toMatchObject({
        organisation: id,
        principal: "user:nina",
        role: "editor",
        createdBy: "user:anna",
      });
      await world.heard();
      expect(await world.one.roleOf(id, nina.principal)).toBe("editor");
      expect(await world.one.acceptInvitation("hash", nina)).toBeNull();
      expect(await world.one.acceptInvitation("hash", { ...nina, principal: "user:other" })).toBeNull();
      expect(await world.one.invitationOf("hash")).toBeNull();
      expect(await world.one.invitations(id, { limit: 10 })).toEqual([{ ...made, state: "accepted" }]);
      await world.one.removeMember(id, nina.principal);
      expect(await world.one.acceptInvitation("hash", nina)).toBeNull();
    });

    test("are used by one of many who come at once, on whichever server", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      await world.one.invite(world.invitation(id), "hash");
      const accepted = await Promise.all(
        [world.one, world.other, world.one, world.other].map((server, index) =>
          server.acceptInvitation("hash", { ...nina, principal: `user:nina${index}` }),
        ),
      );
      expect(accepted.filter((member) => member !== null)).toHaveLength(1);
      expect(await world.one.members(id, { limit: 10 })).toHaveLength(4);
    });

    test("are no good for another address, however alike it looks, nor with another token", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      await world.one.invite(world.invitation(id, { email: "mike@example.com" }), "hash");
      for (const email of ["mi\u212Ae@example.com", "mike@example.com.evil.org", "", "mike", nina.email]) {
        expect(await world.one.acceptInvitation("hash", { ...nina, email })).toBeNull();
      }
      expect(await world.one.acceptInvitation("HASH", { ...nina, email: "mike@example.com" })).toBeNull();
      expect(await world.one.acceptInvitation("", { ...nina, email: "mike@example.com" })).toBeNull();
      expect(await world.one.members(id, { limit: 10 })).toHaveLength(3);
      expect(await world.one.invitationOf("hash")).toMatchObject({ state: "open" });
    });

    test("run out", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const made = await world.one.invite(world.invitation(id), "hash");
      world.setNow(made.expiresAt);
      expect(await world.one.invitationOf("hash")).toBeNull();
      expect(await world.one.acceptInvitation("hash", nina)).toBeNull();
      expect(await world.one.invitations(id, { limit: 10 })).toMatchObject([{ state: "expired" }]);
      await expect(world.one.invite(world.invitation(id, { expiresAt: made.expiresAt }), "late")).rejects.toMatchObject(
        { code: "request.invalid" },
      );
    });

    test("are revoked, and replaced by the next one for the same address", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const other = await world.one.create({ name: "Other", createdBy: "local" });
      const first = await world.one.invite(world.invitation(id), "first");
      await world.one.invite(world.invitation(other.id), "elsewhere");
      const second = await world.one.invite(
        world.invitation(id, { email: "NINA@example.com", role: "viewer" }),
        "second",
      );
      expect(await world.one.invitationOf("first")).toBeNull();
      expect(await world.one.invitationOf("elsewhere")).toMatchObject({ state: "open" });
      expect(await world.one.invitations(id, { limit: 10 })).toEqual([{ ...first, state: "revoked" }, second]);
      await expect(world.one.revokeInvitation(other.id, second.id)).rejects.toMatchObject({
        code: "invitation.not_found",
      });
      await world.one.revokeInvitation(id, second.id);
      expect(await world.one.acceptInvitation("second", nina)).toBeNull();
      for (const gone of [first.id, second.id, "unknown"]) {
        await expect(world.one.revokeInvitation(id, gone)).rejects.toMatchObject({ code: "invitation.not_found" });
      }
    });

    test("leave one open when two servers invite the same address at once", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      await Promise.all(
        [world.one, world.other, world.one, world.other].map((server, index) =>
          server.invite(world.invitation(id), `hash ${index}`),
        ),
      );
      const states = (await world.one.invitations(id, { limit: 10 })).map(({ state }) => state);
      expect(states.filter((state) => state === "open")).toHaveLength(1);
      expect(states).toHaveLength(4);
    });

    test("leave whoever is a member already the mightier role", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      const accept = async (principal: string, role: "admin" | "viewer") => {
        const email = `${principal.slice(5)}@example.com`;
        await world.one.invite(world.invitation(id, { email, role }), principal);
        return world.one.acceptInvitation(principal, { principal, email });
      };
      expect(await accept("user:anna", "viewer")).toMatchObject({ role: "admin" });
      expect(await accept("user:vera", "admin")).toMatchObject({ role: "admin" });
      expect(await world.one.members(id, { limit: 10 })).toHaveLength(3);
    });

    test("are for addresses of organisations that are there", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      for (const email of [
        "",
        "nina",
        "nina@",
        "@example.com",
        "a b@example.com",
        "ni\u212Aa@example.com",
        `${"x".repeat(250)}@a.b`,
      ]) {
        await expect(world.one.invite(world.invitation(id, { email }), "hash")).rejects.toMatchObject({
          code: "request.invalid",
        });
      }
      await expect(world.one.invite(world.invitation("nowhere"), "hash")).rejects.toMatchObject({
        code: "organisation.not_found",
      });
    });

    test("are forgotten ninety days after they ran out", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      await world.one.invite(world.invitation(id), "old");
      world.setNow(start + 92 * dayMs);
      const made = await world.one.invite(
        world.invitation(id, { email: "other@example.com", expiresAt: start + 99 * dayMs }),
        "new",
      );
      expect(await world.one.invitations(id, { limit: 10 })).toEqual([made]);
    });

    test("are bounded", async () => {
      await using world = await makeWorld(setUp);
      const { id } = await world.acme();
      await world.database.change(async ({ tables }) => {
        for (let from = 0; from < 1_000; from += 100) {
          const rows = Array.from({ length: 100 }, (_, index) => ({
            id: `i${from + index}`,
            organisation: id,
            email: `x${from + index}@example.com`,
            role: "viewer",
            token_hash: `h${from + index}`,
            created_at: start,
            created_by: "local",
            expires_at: start + dayMs,
            accepted_at: null,
            accepted_by: null,
            revoked_at: null,
          }));
          await tables.insertInto("invitations").values(rows).execute();
        }
      });
      await expect(world.one.invite(world.invitation(id), "hash")).rejects.toMatchObject({ code: "limit.exceeded" });
      // A replacement is no more than there were.
      await world.one.invite(world.invitation(id, { email: "x7@example.com" }), "hash");
      expect(await world.one.invitations(id, { after: "i998", limit: 1_000 })).toHaveLength(1);
    });
  });
};
