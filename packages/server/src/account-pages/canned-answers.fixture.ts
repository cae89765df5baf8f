/** What the server would answer to the account pages: one person's data, for tests of how pages look and read. */
import type { BrowserContext } from "playwright-core";

const person = { id: "p1", email: "ada@example.com", name: "Ada Example", two_factor: false, has_password: true };
const at = "2026-03-04T09:30:00.000Z";
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const iphone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

export const cannedAnswers: Readonly<Record<string, unknown>> = {
  "GET /auth/options": {
    sign_up: "open",
    providers: [
      { id: "corp", name: "Example Corp" },
      { id: "other", name: "Other Provider" },
    ],
    password: { min: 8, max: 128 },
  },
  "GET /auth/session": { person, session: { id: "s1", created_at: at, expires_at: at } },
  "POST /auth/join/link": {
    kind: "invitation",
    email: "grace@example.com",
    organisation: { id: "o1", name: "Analytical Engines" },
    role: "editor",
    has_account: false,
  },
  "GET /auth/sessions": {
    sessions: [
      { id: "s2", current: false, created_at: at, expires_at: at, address: "203.0.113.7", user_agent: iphone },
      { id: "s1", current: true, created_at: at, expires_at: at, address: "2001:db8::12", user_agent: firefox },
    ],
  },
  "POST /auth/second-factor/enable": {
    uri: "otpauth://totp/Cairn:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Cairn",
    secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    backup_codes: Array.from({ length: 10 }, (_, count) => `aB3dE-fG6h${count}`),
  },
  "POST /auth/second-factor/confirm": { person: { ...person, two_factor: true } },
  "GET /v1/organisations": {
    organisations: [
      { id: "o1", slug: "engines", name: "Analytical Engines", role: "admin" },
      { id: "o2", slug: "poetry", name: "Poetical Science", role: "viewer" },
    ],
    cursor: null,
  },
  "GET /v1/members": {
    members: [
      { principal: "user:p1", role: "admin", name: "Ada Example", email: "ada@example.com", created_at: at },
      { principal: "user:p2", role: "editor", name: "Grace", email: "grace@example.com", created_at: at },
      { principal: "external:corp:77", role: "viewer", name: null, email: null, created_at: at },
    ],
    cursor: null,
  },
  "GET /v1/invitations": {
    invitations: [
      { id: "i1", email: "a.very.long.address@department.example.com", role: "viewer", state: "open", expires_at: at },
      { id: "i2", email: "old@example.com", role: "viewer", state: "expired", expires_at: at },
    ],
    cursor: null,
  },
  "GET /v1/spaces": {
    spaces: [
      { id: "sp1", name: "default" },
      { id: "sp2", name: "research" },
    ],
  },
  "GET /v1/auth/keys": {
    keys: [
      {
        id: "k1",
        label: "Claude on the laptop",
        state: "working",
        owner: "user:p1",
        space: null,
        scopes: ["memories:read", "memories:write", "memories:delete", "spaces:read"],
        created_at: at,
        expires_at: at,
        last_used_at: at,
      },
      {
        id: "k2",
        label: "Nightly import",
        state: "revoked",
        owner: null,
        space: "sp2",
        scopes: ["memories:write"],
        created_at: at,
        expires_at: null,
        last_used_at: null,
      },
    ],
    next_cursor: null,
  },
  "POST /v1/auth/keys": { key: `cairn_${"k3".padEnd(12, "x")}_${"Zz9".repeat(14)}` },
};

/** Answers the calls of the context's pages with these. */
export const answerWith = async (
  context: BrowserContext,
  answers: Readonly<Record<string, unknown>>,
): Promise<void> => {
  await context.route(/\/(?:auth|v1)\//u, async (route) => {
    const request = route.request();
    const name = `${request.method()} ${new URL(request.url()).pathname}`;
    const answer = answers[name];
    if (answer === undefined) return route.fulfill({ status: 404, json: { code: "request.not_found", detail: name } });
    return route.fulfill({ json: answer });
  });
};

/** The answer to `GET /auth/session` before sign-in. */
export const signedOut = { "GET /auth/session": { person: null, session: null } };
