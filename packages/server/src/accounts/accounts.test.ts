import { expect, test } from "vitest";
import { password, testAccounts } from "./accounts.fixture.ts";
import { describeAccountAttacks } from "./account-attacks-suite.fixture.ts";
import { describeAccounts } from "./accounts-suite.fixture.ts";

describeAccounts("SQLite", testAccounts);
describeAccountAttacks("SQLite", testAccounts);

test("TEN-1 over TLS the cookie is for this host alone", async () => {
  const publicUrl = "https://memory.example.com";
  await using setup = await testAccounts({ publicUrl });
  await setup.accounts.createPerson({ email: "anna@example.com", name: "Anna", password, verified: true });
  const anna = setup.browser();
  const { setCookies } = await anna.post("/auth/sign-in", { email: "anna@example.com", password });
  expect(setCookies.join()).toMatch(
    /__Host-cairn\.session_token=\S+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax/u,
  );
  expect((await anna.get("/auth/session")).body).toMatchObject({ person: { email: "anna@example.com" } });
  // The address of mails is the server's own, whatever a request says of its host.
  await anna.post("/auth/password/forgot", { email: "anna@example.com" }, { "x-forwarded-host": "evil.example" });
  await setup.settled();
  expect(setup.mails.at(-1)?.letter.text).toContain(`${publicUrl}/account/reset-password#token=`);
});
