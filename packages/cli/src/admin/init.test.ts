import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keyIdOf } from "@cairn/directory/keys/key-format";
import { describe, expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? "";
const password = "three blue pots in the shed";

describe("TEN-1 cairn admin init", () => {
  test("names the organisation, makes a key that may do everything, and prints it alone on the last line", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "The spare key is under the blue pot"]);
    const done = await cli.run(["admin", "init", "--name", "Acme", "--label", "first"]);
    expect(done).toMatchObject({ code: 0, err: "" });
    const key = lastLine(done.out);
    const id = keyIdOf(key) ?? "none";
    expect(id).not.toBe("none");
    expect(done.out).toContain("Acme is set up");
    expect(done.out).toContain("Authorization: Bearer");
    // It is kept nowhere: neither in the folder's tables nor in its secret.
    expect(readFileSync(join(cli.data, "directory.db")).includes(key.slice(-40))).toBe(false);

    const shown = (await cli.run(["admin", "key", "show", id, "--json"])).json;
    expect(shown).toMatchObject({ label: "first", role: "admin", owner: null, state: "working", expires_at: null });
    expect(shown.scopes).toContain("server:manage");
    expect((await cli.run(["admin", "org", "list", "--json"])).json.organisations).toMatchObject([{ name: "Acme" }]);
    // What was there before is there still, and the shell asks for nothing.
    expect((await cli.run(["recall", "spare key"])).out).toContain("blue pot");
  });

  test("refuses when it was done, says how to go on, and changes nothing", async () => {
    await using cli = await setUpCli();
    expect((await cli.run(["admin", "init", "--json"])).json).toMatchObject({ person: null, key: expect.any(String) });
    const again = await cli.run(["admin", "init", "--name", "Other"]);
    expect(again.code).toBe(4);
    expect(again.err).toContain("cairn admin key create");
    const { json } = await cli.run(["admin", "org", "list", "--json"]);
    expect(json.organisations[0].name).not.toBe("Other");
    expect((await cli.run(["admin", "key", "list", "--json"])).json.keys).toHaveLength(1);
  });

  test("makes a person the administrator, with a password of theirs or one that is shown once", async () => {
    await using cli = await setUpCli();
    const words = ["admin", "init", "--email", "Anna@Example.com", "--person", "Anna", "--password-stdin", "--json"];
    const weak = await cli.run(words, { input: "short" });
    expect(weak.code).toBe(6);
    expect(JSON.parse(weak.err)).toMatchObject({ code: "request.invalid" });
    expect((await cli.run(["admin", "user", "list", "--json"])).json.people).toEqual([]);

    const done = (await cli.run(words, { input: `${password}\n` })).json;
    expect(done).toMatchObject({ person: { email: "anna@example.com" } });
    expect(done.password).toBeUndefined();
    const { people } = (await cli.run(["admin", "user", "list", "--json"])).json;
    expect(people).toMatchObject([{ name: "Anna", verified: true, has_password: true }]);
    const { members } = (await cli.run(["admin", "member", "list", "--json"])).json;
    expect(members).toMatchObject([{ principal: done.person.principal, role: "admin" }]);
    const { keys } = (await cli.run(["admin", "key", "list", "--json"])).json;
    expect(keys).toMatchObject([{ owner: done.person.principal, role: null }]);
    expect(
      (await cli.run(["admin", "audit", "list", "--json"])).json.entries.map(
        (one: { operation: string }) => one.operation,
      ),
    ).toEqual(expect.arrayContaining(["people.create", "keys.create", "members.add"]));

    await using other = await setUpCli();
    const made = await other.run(["admin", "init", "--email", "bo@example.com"]);
    expect(made.out).toMatch(/shown this once: [a-z2-9]{5}(?:-[a-z2-9]{5}){3}\n/u);
    expect(keyIdOf(lastLine(made.out))).not.toBeNull();
  });

  test("takes up again what broke off before anybody was admin", async () => {
    await using cli = await setUpCli();
    await cli.run(["admin", "user", "create", "anna@example.com", "--password-stdin"], { input: password });
    const done = await cli.run(["admin", "init", "--email", "anna@example.com", "--json"]);
    expect(done.json).toMatchObject({ person: { email: "anna@example.com" }, password: expect.any(String) });
    expect((await cli.run(["admin", "user", "list", "--json"])).json.people).toHaveLength(1);
  });

  test.for([
    [["--person", "Anna"], "Give --email"],
    [["--email", "nobody"], "--email must be an address"],
    [["--label", " "], "--label"],
    [["--name", "x".repeat(101)], "--name"],
  ] as const)("refuses %j before anything is made", async ([words, message]) => {
    await using cli = await setUpCli();
    expect(await cli.run(["admin", "init", ...words])).toMatchObject({
      code: 6,
      err: expect.stringContaining(message) as string,
    });
    expect((await cli.run(["admin", "key", "list", "--json"])).json.keys).toEqual([]);
  });
});
