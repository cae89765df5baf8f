import { CairnError } from "@cairn/kernel/error";
import { setUpTenants, type TenantsSetup } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import { listMembers } from "../members/list.ts";
import { removeMember } from "../members/remove.ts";
import { updateMember } from "../members/update.ts";
import { acceptInvitation } from "./accept.ts";
import { createInvitation } from "./create.ts";
import { listInvitations } from "./list.ts";
import { revokeInvitation } from "./revoke.ts";

const nina = { email: "nina@example.com", role: "editor" } as const;

const inviteNina = async ({ as, who, sent }: TenantsSetup) => {
  const made = await as(who.anna)(createInvitation, nina);
  return { made, token: sent.at(-1)!.token };
};

describe("invitations", () => {
  test("COL-1 go to the address by mail, and make whoever has it a member", async () => {
    await using setup = await setUpTenants();
    const { acme, as, who, sent } = setup;
    const { made, token } = await inviteNina(setup);
    expect(made).toMatchObject({ ...nina, state: "open", sent: true, expiresAt: "2026-03-21T12:00:00.000Z" });
    expect(sent).toEqual([
      {
        email: "nina@example.com",
        organisationName: "Acme",
        token: expect.stringMatching(/^[\w-]{43}$/u) as string,
        invitedBy: who.anna,
        expiresAt: Date.parse("2026-03-21T12:00:00Z"),
      },
    ]);
    expect(await as(who.nina)(acceptInvitation, { token })).toMatchObject({ id: acme.id, role: "editor" });
    expect((await as(who.vera)(listMembers, {})).members.at(-1)).toMatchObject({ name: "nina", role: "editor" });
    expect(await as(who.anna)(listInvitations, {})).toMatchObject({
      invitations: [{ state: "accepted" }],
      cursor: null,
    });
  });

  test("show their token to nobody but the address, except at the server's shell", async () => {
    await using setup = await setUpTenants();
    const { as, local, who, records } = setup;
    const { made, token } = await inviteNina(setup);
    const listed = await as(who.anna)(listInvitations, {});
    expect(JSON.stringify([made, listed, records])).not.toContain(token);
    expect(made).not.toHaveProperty("token");
    for (const root of [as(who.root), as(who.root, { credential: "shell" })])
      expect(await root(createInvitation, { ...nina, organisation: "acme" })).not.toHaveProperty("token");
    const shell = await local(createInvitation, { ...nina, organisation: "acme" });
    expect(shell.token).toBe(setup.sent.at(-1)!.token);
    expect(createInvitation.confidential).toBe(true);
  });

  test("that cannot be sent are not open, and at the shell are passed on by hand", async () => {
    const refuse = () => Promise.reject(new CairnError("mail.unavailable", "The mail server does not answer."));
    await using setup = await setUpTenants({ invite: refuse });
    const { as, local, who } = setup;
    await expect(as(who.anna)(createInvitation, nina)).rejects.toMatchObject({ code: "mail.unavailable" });
    expect(await as(who.anna)(listInvitations, {})).toMatchObject({ invitations: [{ state: "revoked" }] });
    const { token, sent } = await local(createInvitation, { ...nina, organisation: "acme" });
    expect(sent).toBe(false);
    expect(await as(who.nina)(acceptInvitation, { token })).toMatchObject({ slug: "acme" });
  });

  test("are for the verified address alone, and for one time", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    const { token } = await inviteNina(setup);
    const refusal = async (principal: string, given: string) =>
      as(principal)(acceptInvitation, { token: given }).catch((error: unknown) => error);
    const unknown = (await refusal(who.nina, "x".repeat(43))) as CairnError;
    expect(unknown.code).toBe("invitation.not_found");
    expect(await refusal(who.eve, token)).toEqual(unknown);
    expect(await refusal(who.nina, `${token} `)).toEqual(unknown);
    expect(await refusal(who.nina, "")).toEqual(unknown);
    expect(await refusal(who.nina, token.toUpperCase())).toEqual(unknown);
    expect(await as(who.nina)(acceptInvitation, { token })).toMatchObject({ slug: "acme" });
    expect(await refusal(who.nina, token)).toEqual(unknown);
  });

  test("are accepted by no one whose address is not verified, nor by keys and outside sign-ins of their own", async () => {
    await using setup = await setUpTenants();
    const { acme, as, makePerson, sent, who } = setup;
    const mallory = await makePerson("mallory", false);
    await as(who.anna)(createInvitation, { email: "mallory@example.com", role: "admin" });
    const { token } = sent.at(-1)!;
    for (const principal of [mallory, "key:7", "external:idp:mallory@example.com", "user:nobody"])
      await expect(as(principal)(acceptInvitation, { token })).rejects.toMatchObject({ code: "auth.forbidden" });
    await expect(
      as(who.nina, { credential: "key", scopes: ["members:manage"] })(acceptInvitation, { token }),
    ).rejects.toMatchObject({ code: "auth.scope_missing" });
    await expect(as("anonymous", { credential: "none" })(acceptInvitation, { token })).rejects.toMatchObject({
      code: "auth.required",
    });
    expect(await setup.tenants.organisations.members(acme.id, { limit: 10 })).toHaveLength(3);
  });

  test("COL-1 are taken back with the membership of whoever made them, and others stay", async () => {
    await using setup = await setUpTenants();
    const { as, makePerson, sent, who } = setup;
    await makePerson("mallory");
    await as(who.anna)(updateMember, { principal: who.edgar, role: "admin" });
    await as(who.edgar)(createInvitation, { email: "mallory@example.com", role: "admin" });
    const { token } = sent.at(-1)!;
    const { token: stays } = await inviteNina(setup);
    await as(who.anna)(removeMember, { principal: who.edgar });
    const mallory = (await setup.tenants.people.findByEmail("mallory@example.com"))!.principal;
    await expect(as(mallory)(acceptInvitation, { token })).rejects.toMatchObject({ code: "invitation.not_found" });
    expect(await as(who.anna)(listInvitations, {})).toMatchObject({
      invitations: [{ email: "mallory@example.com", state: "revoked" }, { state: "open" }],
    });
    expect(await as(who.nina)(acceptInvitation, { token: stays })).toMatchObject({ slug: "acme" });
  });

  test("are made, seen and revoked by admins of the organisation", async () => {
    await using setup = await setUpTenants();
    const { as, local, who } = setup;
    const { made, token } = await inviteNina(setup);
    for (const one of [who.edgar, who.vera, who.nina]) {
      await expect(as(one)(createInvitation, nina)).rejects.toMatchObject({ code: "auth.forbidden" });
      await expect(as(one)(listInvitations, {})).rejects.toMatchObject({ code: "auth.forbidden" });
      await expect(as(one)(revokeInvitation, { id: made.id })).rejects.toMatchObject({ code: "auth.forbidden" });
    }
    expect(await as(who.eve)(listInvitations, {})).toMatchObject({ invitations: [] });
    await expect(as(who.eve)(revokeInvitation, { id: made.id })).rejects.toMatchObject({
      code: "invitation.not_found",
    });
    await expect(as(who.eve)(createInvitation, { ...nina, organisation: "acme" })).rejects.toMatchObject({
      code: "organisation.not_found",
    });
    expect(await local(listInvitations, { organisation: "acme", limit: 1 })).toMatchObject({
      invitations: [{ id: made.id }],
    });
    expect(await as(who.anna)(revokeInvitation, { id: made.id })).toEqual({ success: true, id: made.id });
    await expect(as(who.nina)(acceptInvitation, { token })).rejects.toMatchObject({ code: "invitation.not_found" });
  });

  test("run out", async () => {
    await using setup = await setUpTenants();
    const { as, who } = setup;
    await as(who.anna)(createInvitation, { ...nina, expiresInDays: 1 });
    const { token } = setup.sent.at(-1)!;
    setup.setNow(setup.now() + 86_400_000);
    await expect(as(who.nina)(acceptInvitation, { token })).rejects.toMatchObject({ code: "invitation.not_found" });
    expect(await as(who.anna)(listInvitations, {})).toMatchObject({ invitations: [{ state: "expired" }] });
  });

  test.each([
    [{ email: "nina", role: "editor" }, "email must be an address"],
    [{ email: "nina@example.com" }, "role must be admin, editor or viewer"],
    [{ email: "nina@example.com", role: "owner" }, "role must be"],
    [{ ...nina, expiresInDays: 31 }, "expires_in_days must be a whole number from 1 to 30"],
  ])("refuse %j", async (input, message) => {
    await using setup = await setUpTenants();
    await expect(setup.as(setup.who.anna)(createInvitation, input)).rejects.toThrow(message);
  });
});
