/** Organisations through real HTTP: names on the wire, problems, and ids of others. */
import { anonymousIdentity } from "@cairn/memory/permission/identity";
import { setUpTenants } from "@cairn/testing/setup-tenants";
import { describe, expect, test } from "vitest";
import { serving } from "../test-support.ts";
import type { WhoCalls } from "./who-calls.ts";

/** Who calls is what the header `test-principal` says: how credentials are read is tested elsewhere. */
const setUp = async () => {
  const tenants = await setUpTenants();
  const whoCalls: WhoCalls = {
    isAsked: async () => true,
    identify: async ({ headers }) => {
      const principal = headers["test-principal"];
      const identity = typeof principal === "string" ? await tenants.identityOf(principal) : anonymousIdentity;
      return { identity, address: "127.0.0.1" };
    },
  };
  const server = await serving(tenants.pipeline, { whoCalls });
  const as = (principal: string) => (method: string, path: string, body?: unknown) =>
    server.send(method, path, body, { "test-principal": principal });
  return {
    ...tenants,
    send: server.send,
    rest: as,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await tenants[Symbol.asyncDispose]();
    },
  };
};

describe("the routes of organisations", () => {
  test("TEN-1 make, list, change and delete them", async () => {
    await using setup = await setUp();
    const { rest, who, acme } = setup;
    const root = rest(who.root);
    const made = await root("POST", "/v1/organisations", { name: "New", admin: who.nina });
    expect(made).toMatchObject({
      status: 201,
      json: { name: "New", slug: "new", status: "active", default_space: expect.any(String) as string },
    });
    const { id } = made.json;
    const all = await root("GET", "/v1/organisations?all=true&limit=2");
    expect(all.json.organisations).toHaveLength(2);
    const next = await root("GET", `/v1/organisations?all=true&limit=2&cursor=${all.json.cursor}`);
    expect(next.json).toMatchObject({ organisations: [{ slug: "other" }, { id }], cursor: null });
    expect((await rest(who.vera)("GET", "/v1/organisations")).json).toMatchObject({
      organisations: [{ id: acme.id, role: "viewer", created_at: "2026-03-14T12:00:00.000Z" }],
    });
    expect(await rest(who.vera)("GET", `/v1/organisations/${id}`)).toMatchObject({
      status: 404,
      type: "application/problem+json",
      json: { code: "organisation.not_found" },
    });
    expect(await root("PATCH", "/v1/organisations/new", { status: "suspended" })).toMatchObject({
      json: { status: "suspended" },
    });
    expect(await rest(who.anna)("PATCH", "/v1/organisations/acme", { plan: "pro" })).toMatchObject({
      status: 403,
      json: { code: "auth.forbidden" },
    });
    expect(await root("DELETE", `/v1/organisations/${id}`)).toMatchObject({ status: 200, json: { success: true, id } });
    expect(await setup.send("GET", "/v1/organisations")).toMatchObject({
      status: 401,
      json: { code: "auth.required" },
    });
  });

  test("COL-1 invite, accept, give roles, remove and leave", async () => {
    await using setup = await setUp();
    const { rest, who, sent } = setup;
    const anna = rest(who.anna);
    const invited = await anna("POST", "/v1/invitations", {
      email: "nina@example.com",
      role: "viewer",
      expires_in_days: 3,
    });
    expect(invited).toMatchObject({ status: 201, json: { sent: true, expires_at: "2026-03-17T12:00:00.000Z" } });
    const { token } = sent.at(-1)!;
    expect(invited.text).not.toContain(token);
    expect((await anna("GET", "/v1/invitations")).text).not.toContain(token);
    expect(await rest(who.eve)("DELETE", `/v1/invitations/${invited.json.id}`)).toMatchObject({ status: 404 });
    expect(await rest(who.nina)("POST", "/v1/invitations/accept", { token })).toMatchObject({
      status: 200,
      json: { slug: "acme", role: "viewer" },
    });
    expect(await rest(who.nina)("POST", "/v1/invitations/accept", { token })).toMatchObject({
      status: 404,
      json: { code: "invitation.not_found" },
    });
    expect((await anna("GET", "/v1/members?limit=3")).json).toMatchObject({
      members: [{ email: "anna@example.com" }, { name: "edgar" }, { role: "viewer", created_by: "local" }],
      cursor: expect.any(String) as string,
    });
    const nina = `/v1/members/${encodeURIComponent(who.nina)}`;
    expect(await anna("PATCH", nina, { role: "editor" })).toMatchObject({ status: 200, json: { role: "editor" } });
    expect(await anna("PATCH", nina, { role: "owner" })).toMatchObject({
      status: 422,
      json: { errors: [{ path: "role" }] },
    });
    expect(await rest(who.vera)("DELETE", nina)).toMatchObject({ status: 403 });
    expect(await anna("DELETE", nina)).toMatchObject({ status: 200, json: { principal: who.nina } });
    expect(await anna("DELETE", nina)).toMatchObject({ status: 404, json: { code: "member.not_found" } });
    expect(await anna("POST", "/v1/members/leave", {})).toMatchObject({
      status: 409,
      json: { code: "member.last_admin" },
    });
    expect(await rest(who.vera)("POST", "/v1/members/leave", {})).toMatchObject({ status: 200 });
  });

  test("COL-2 grant and take back what somebody may do to a space", async () => {
    await using setup = await setUp();
    const { rest, who } = setup;
    const anna = rest(who.anna);
    const grants = "/v1/spaces/default/grants";
    const veras = `${grants}/${who.vera}`;
    expect(await anna("PUT", veras, { actions: ["read", "write"] })).toMatchObject({
      status: 200,
      json: { principal: who.vera, actions: ["read", "write"], created_by: who.anna },
    });
    expect((await anna("GET", grants)).json.grants).toHaveLength(1);
    expect(await rest(who.vera)("PUT", veras, { actions: ["manage"] })).toMatchObject({
      status: 403,
      json: { code: "space.forbidden" },
    });
    const external = `${grants}/${encodeURIComponent("external:idp:auth0|5/x")}`;
    expect(await anna("PUT", external, { actions: [] })).toMatchObject({
      status: 200,
      json: { principal: "external:idp:auth0|5/x" },
    });
    expect(await anna("DELETE", veras)).toMatchObject({ status: 200, json: { success: true } });
    expect(await anna("DELETE", veras)).toMatchObject({ status: 404, json: { code: "grant.not_found" } });
    const eves = await rest(who.eve)("GET", `/v1/spaces/${setup.acme.defaultSpace}/grants`);
    expect(eves).toMatchObject({ status: 404, json: { code: "space.not_found" } });
  });
});
