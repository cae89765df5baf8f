import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { helpOption } from "../command.ts";
import { describe, expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";
import { adminTable } from "./admin-table.ts";

const password = "three blue pots in the shed";

const setUp = async () => {
  const cli = await setUpCli();
  const admin = (...words: readonly string[]) => cli.run(["admin", ...words]);
  const json = async (...words: readonly string[]) => {
    const { code, json: value, err } = await cli.run(["admin", ...words, "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return value;
  };
  return { cli, admin, json, [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose]() };
};

describe("API-7 the commands of cairn admin", async () => {
  const commands = await adminTable.loadAll();

  test("answer to their names", () => {
    expect(commands.map(({ name }) => name)).toEqual(adminTable.names.map((name) => `admin ${name}`));
  });

  test.each(commands)("$name takes --json and has no option twice", ({ options, usage }) => {
    const all = [...options, helpOption].flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain("json");
    expect(usage.length).toBeGreaterThan(0);
    for (const { describe: text } of options) expect(text).toMatch(/\.$/u);
  });
});

describe("TEN-1 organisations from the shell", () => {
  test("are made, changed, suspended, resumed and removed with all that is in them", async () => {
    await using setup = await setUp();
    const { admin, json } = setup;
    const made = await json("org", "create", "Globex", "--slug", "globex");
    expect(made).toMatchObject({ name: "Globex", slug: "globex", plan: null, status: "active" });
    expect(await json("org", "update", "globex", "--name", "Globex Ltd")).toMatchObject({ name: "Globex Ltd" });
    expect(await json("org", "suspend", "globex")).toMatchObject({ status: "suspended" });
    expect(await json("org", "show", "globex")).toMatchObject({ status: "suspended", id: made.id });
    expect(await json("org", "resume", made.id)).toMatchObject({ status: "active" });
    expect((await admin("org", "list")).out).toMatch(/^globex +Globex Ltd +default +active/mu);
    const careful = await admin("org", "remove", "globex");
    expect(careful).toMatchObject({ code: 6, err: expect.stringContaining("--yes") as string });
    expect((await admin("org", "remove", "globex", "--yes")).code).toBe(0);
    expect((await admin("org", "show", "globex")).code).toBe(3);
    expect((await admin("org", "remove", "home", "--yes")).code).toBe(6);
  });

  test("have members, keys, grants and usage of their own, chosen with --org", async () => {
    await using setup = await setUp();
    const { admin, json } = setup;
    await json("org", "create", "Globex");
    await json("user", "create", "hank@example.com", "--name", "Hank");
    await json("member", "add", "hank@example.com", "--role", "admin", "--org", "globex");
    expect((await json("member", "list", "--org", "globex")).members).toMatchObject([{ email: "hank@example.com" }]);
    expect((await json("member", "list")).members).toEqual([]);

    const key = await json("key", "create", "Hank's laptop", "--owner", "hank@example.com", "--org", "globex");
    expect((await json("key", "list", "--org", "globex")).keys).toMatchObject([{ id: key.id }]);
    expect((await json("key", "list")).keys).toEqual([]);
    expect((await admin("key", "show", key.id)).code).toBe(3);

    const grant = ["default", "hank@example.com", "--org", "globex"];
    expect(await json("grant", "set", ...grant, "--actions", "read,write")).toMatchObject({
      actions: ["read", "write"],
    });
    expect((await json("grant", "list", "default", "--org", "globex")).grants).toHaveLength(1);
    expect((await json("grant", "list", "default")).grants).toEqual([]);
    expect((await admin("grant", "remove", ...grant)).code).toBe(0);
    expect((await admin("grant", "remove", ...grant)).code).toBe(3);

    expect((await admin("plan", "list", "--org", "globex")).out).toContain("self-hosted *");
    expect((await admin("plan", "set", "globex", "nothing")).code).toBe(6);
    expect((await admin("usage", "--org", "globex", "--by", "day")).code).toBe(0);
    expect(await json("usage", "--org", "globex")).toMatchObject({ totals: { calls: 0 } });

    expect((await admin("member", "remove", "hank@example.com", "--org", "globex", "--yes")).code).toBe(4);
    expect((await admin("member", "add", "user:00000000-0000-7000-8000-00000000dead")).code).toBe(3);
    expect((await admin("member", "list", "--org", "nowhere")).err).toContain("cairn admin org list");
  });
});

describe("TEN-1 people from the shell", () => {
  test("are made with a password, disabled, enabled and removed", async () => {
    await using setup = await setUp();
    const { cli, admin, json } = setup;
    const made = await admin("user", "create", "anna@example.com");
    expect(made.out).toMatch(/shown this once; [^\n]*:\n[a-z2-9-]{23}\n$/u);
    expect((await admin("user", "create", "anna@example.com")).code).toBe(4);
    expect((await admin("user", "create", "bo@example.com", "--mail")).err).toContain("CAIRN_MAIL_URL");
    const set = await cli.run(["admin", "user", "password", "anna@example.com", "--password-stdin"], {
      input: password,
    });
    expect(set).toMatchObject({ code: 0, out: "Set. All sessions of anna@example.com have ended.\n" });
    const { principal } = await json("user", "show", "anna@example.com");
    expect(await json("user", "disable", principal)).toMatchObject({ disabled_at: expect.any(String) });
    expect((await admin("user", "list")).out).toMatch(/^anna@example\.com +anna +disabled/mu);
    expect(await json("user", "enable", "anna@example.com")).toMatchObject({ disabled_at: null });
    expect(await json("user", "reset-two-factor", "anna@example.com", "--yes")).toMatchObject({ two_factor: false });
    expect((await admin("user", "remove", "anna@example.com", "--yes")).code).toBe(0);
    expect((await admin("user", "show", "anna@example.com")).code).toBe(3);
    expect((await admin("user", "show", "nobody")).err).toContain("cairn admin user list");
  });

  test("are invited with a link that the shell shows where no mail is sent", async () => {
    await using setup = await setUp();
    const { cli, admin, json } = setup;
    const env = { CAIRN_PUBLIC_URL: "https://memory.example.com" };
    const invited = await cli.run(["admin", "invite", "create", "bo@example.com", "--role", "viewer"], { env });
    expect(invited.out).toMatch(/\nhttps:\/\/memory\.example\.com\/account\/join#token=\S{16,}\n$/u);
    const { invitations } = await json("invite", "list");
    expect(invitations).toMatchObject([{ email: "bo@example.com", role: "viewer", state: "open" }]);
    expect((await admin("invite", "revoke", invitations[0].id)).code).toBe(0);
    expect((await json("invite", "list")).invitations).toMatchObject([{ state: "revoked" }]);
  });
});

describe("TEN-2 keys from the shell", () => {
  test("are made, shown without the secret, rotated with a grace, and revoked", async () => {
    await using setup = await setUp();
    const { admin, json } = setup;
    const made = await admin("key", "create", "robot", "--role", "editor", "--agent", "robot-1", "--days", "30");
    const key = made.out.trimEnd().split("\n").at(-1) ?? "";
    expect(key).toMatch(/^cairn_live_/u);
    const [listed] = (await json("key", "list")).keys;
    expect(listed).toMatchObject({ label: "robot", role: "editor", instance: "robot-1", state: "working" });
    expect(JSON.stringify(listed)).not.toContain(key.slice(-20));
    const next = await json("key", "rotate", listed.id, "--grace", "0");
    expect(next).toMatchObject({ replaces: listed.id, label: "robot" });
    expect(await json("key", "show", listed.id)).toMatchObject({ state: "revoked" });
    expect((await admin("key", "revoke", next.id, "--yes")).out).toContain("works no more");
    expect((await json("key", "list")).keys.map(({ state }: { state: string }) => state)).toEqual([
      "revoked",
      "revoked",
    ]);
    expect((await admin("key", "create", "x", "--scopes", "everything")).code).toBe(6);
    const all = await json("key", "create", "all", "--role", "admin", "--scopes", "all");
    expect(all.scopes).toContain("server:manage");
    expect((await admin("key", "rotate")).err).toContain("Which key?");
  });

  test("tell by the secrets that they need when an older one can go", async () => {
    await using setup = await setUp();
    const { cli, json } = setup;
    const [older, newer] = ["a".repeat(40), "b".repeat(40)];
    const withSecret = async (secret: string, ...words: readonly string[]) =>
      (await cli.run(["admin", ...words, "--json"], { env: { CAIRN_SECRET: secret } })).json;
    await withSecret(older, "key", "create", "robot");
    expect((await withSecret(older, "secret", "status")).secrets).toMatchObject([{ state: "current", keys: 1 }]);
    const both = await withSecret(`${newer} ${older}`, "secret", "status");
    expect(both.secrets).toMatchObject([
      { state: "current", keys: 0 },
      { state: "older", keys: 1 },
    ]);
    const gone = await withSecret(newer, "secret", "status");
    expect(gone.secrets).toMatchObject([{ state: "current" }, { state: "missing", keys: 1 }]);
    expect(gone.advice).toContain("put that secret back");
    expect(JSON.stringify([both, gone])).not.toMatch(/a{12}|b{12}/u);
    const rotated = await json("token-keys", "rotate");
    expect(rotated).toMatchObject({ id: expect.any(String), signs_from: expect.any(String) });
    expect(await json("token-keys", "rotate", "--revoke")).toMatchObject({ id: expect.not.stringMatching(rotated.id) });
  });
});

describe("TEN-3 identity providers from the shell", () => {
  test("are believed, shown and refused again", async () => {
    await using setup = await setUp();
    const { admin, json } = setup;
    const words = ["provider", "create", "https://id.example.com", "--audience", "cairn"];
    expect((await admin(...words)).err).toContain("--jwks");
    const jwks = ["--jwks", "https://id.example.com/keys", "--role-claim", "groups", "--map", "staff=editor"];
    const made = await json(...words, ...jwks);
    expect(made).toMatchObject({ roles: [{ value: "staff", role: "editor" }], algorithms: ["RS256"] });
    expect((await admin("provider", "show", made.id)).out).toMatch(/roles +staff=editor/u);
    expect((await admin("provider", "list")).out).toContain("https://id.example.com");
    expect((await admin("provider", "remove", made.id, "--yes")).code).toBe(0);
    expect((await json("provider", "list")).providers).toEqual([]);
  });
});

describe("TEN-8 the audit from the shell", () => {
  const filled = async () => {
    const setup = await setUp();
    await setup.json("init", "--name", "Acme");
    for (const label of ["one", "two", "three"]) await setup.json("key", "create", label);
    return setup;
  };

  test("is listed, exported, and verified against a head that was kept", async () => {
    await using setup = await filled();
    const { cli, admin, json } = setup;
    const { head } = await json("audit", "head");
    expect(head).toMatch(/^\d+:[0-9a-f]{64}$/u);
    expect((await admin("audit", "list", "--operation", "keys.create")).out).toMatch(/local +keys\.create +ok +shell/u);
    expect(await admin("audit", "verify", "--head", head)).toMatchObject({
      code: 0,
      out: expect.stringContaining("whole up to") as string,
    });
    expect((await admin("audit", "verify", "--head", "1:x")).code).toBe(6);
    const forged = `${head.split(":")[0]}:${"0".repeat(64)}`;
    expect((await admin("audit", "verify", "--head", forged)).code).toBe(1);

    expect((await admin("audit", "export", "audit.jsonl")).out).toMatch(
      /Keep its head elsewhere:\n\d+:[0-9a-f]{64}\n$/u,
    );
    expect((await admin("audit", "export", "audit.jsonl")).code).toBe(6);
    const text = await readFile(join(cli.cwd, "audit.jsonl"), "utf8");
    expect(text.trimEnd().split("\n").length).toBeGreaterThan(3);
    expect(text).toContain('"request_id"');
    const piped = await admin("audit", "export");
    expect(piped.out.startsWith(text)).toBe(true);
  });

  test("shows offline where an export was changed or cut off", async () => {
    await using setup = await filled();
    const { cli, admin } = setup;
    await admin("audit", "export", "audit.jsonl");
    const file = join(cli.cwd, "audit.jsonl");
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    const last = JSON.parse(lines.at(-1) ?? "") as { readonly seq: number; readonly hash: string };
    const head = `${last.seq}:${last.hash}`;
    // No settings and no data folder are needed for that.
    const offline = (...words: readonly string[]) =>
      cli.run(["admin", "audit", "verify", "--file", "audit.jsonl", ...words], { env: { CAIRN_PORT: "wrong" } });
    expect((await offline("--head", head)).code).toBe(0);
    await writeFile(file, `${lines.slice(0, -1).join("\n")}\n`);
    expect((await offline()).code).toBe(0);
    expect(await offline("--head", head)).toMatchObject({
      code: 1,
      out: expect.stringContaining("entries at the end are missing") as string,
    });
    await writeFile(file, lines.with(1, (lines[1] ?? "").replace('"local"', '"nobody"')).join("\n"));
    expect(await offline()).toMatchObject({ code: 1, out: expect.stringContaining("at position 2") as string });
    await writeFile(file, [lines[0], ...lines.slice(2)].join("\n"));
    expect((await offline("--json")).json).toMatchObject({ whole: false, problem: "gap", broken_at: 2 });
    await writeFile(file, "no json\n");
    expect((await offline("--json")).json).toMatchObject({ problem: "unreadable" });
    expect((await cli.run(["admin", "audit", "verify", "--file", "none"])).code).toBe(6);
  });
});
