/** All that a tenant has, as it sees it itself, so that it can be seen whether something changed. */
import { bearer, jsonOf } from "@cairn/testing/tenants/http-call";
import type { MarkedTenant } from "@cairn/testing/tenants/marked-tenants";
import type { RunningServer } from "@cairn/testing/tenants/whole-server";

/** What changes by being looked at. */
const looked: ReadonlySet<string> = new Set(["last_used_at", "exported_at", "expires_in"]);

export type TenantState = Readonly<Record<string, unknown>>;

export const stateOf = async (
  { send }: RunningServer,
  { credentials, ids, organisation }: MarkedTenant,
): Promise<TenantState> => {
  const state: Record<string, unknown> = {};
  const ask = async (method: string, path: string, body?: unknown, credential = credentials.admin): Promise<void> => {
    const answer = await send({ method, path, headers: bearer(credential), ...(body === undefined ? {} : { body }) });
    state[`${method} ${path} ${JSON.stringify(body ?? null)}`] = JSON.parse(
      JSON.stringify(jsonOf(answer, path), (name, value: unknown) => (looked.has(name) ? undefined : value)),
    );
  };
  const [home = "", lab = ""] = [ids.homeSpace[0], ids.space[0]];
  for (const space of [home, lab]) {
    await ask("GET", `/v1/memories?limit=100&space=${space}`);
    await ask("GET", `/v1/changes?limit=1000&space=${space}`);
    await ask("GET", `/v1/spaces/${space}/grants`);
  }
  await ask("GET", `/v1/memories?limit=100&space=${ids.privateSpace[0]}`, undefined, credentials.person);
  await ask("GET", `/v1/sessions/${ids.session[0]}/messages`);
  await ask("GET", `/v1/organisations/${organisation}`);
  for (const path of ["spaces", "auth/keys", "members", "invitations", "auth/providers"])
    await ask("GET", `/v1/${path}`);
  return state;
};
