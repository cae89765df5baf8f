/** A server that asks nobody who they are is this machine's alone, also where a proxy of this machine reaches it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localIdentity } from "@cairn/memory/permission/identity";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { serve } from "../serve.ts";
import { serving } from "../test-support.ts";
import { requireNoProxy } from "./door.ts";

const marks = [
  { "X-Forwarded-For": "203.0.113.9" },
  { "X-Forwarded-Host": "memory.example.com" },
  { "X-Real-IP": "203.0.113.9" },
  { Forwarded: "for=203.0.113.9;host=memory.example.com" },
] as const;

test.each(marks)("TEN-1 what a proxy hands on is refused while nobody has to sign in: %j", async (headers) => {
  await using server = await serving(setUpOperations().pipeline);
  expect(await server.send("GET", "/v1/auth/whoami", undefined, headers)).toMatchObject({
    status: 403,
    json: { code: "request.host_refused", hint: expect.stringContaining("cairn admin init") as string },
  });
  expect((await server.send("GET", "/v1/auth/whoami")).json).toMatchObject({ principal: "local" });
  expect((await server.send("GET", "/healthz", undefined, headers)).status).toBe(200);
});

test("TEN-1 where calls need a credential proxies are welcome", async () => {
  const known = { identity: localIdentity("loopback"), address: null };
  await using server = await serving(setUpOperations().pipeline, {
    whoCalls: { isAsked: async () => true, identify: async () => known },
  });
  for (const headers of marks)
    expect((await server.send("GET", "/v1/auth/whoami", undefined, headers)).status).toBe(200);
});

test("TEN-1 an address for others, and proxies, need sign-in; one of this machine does not", () => {
  const none = { publicUrl: null, trustedProxies: [] };
  for (const publicUrl of ["https://memory.example.com", "http://192.0.2.7:18790", "https://127.0.0.1.example.com"])
    expect(() => requireNoProxy({ ...none, publicUrl })).toThrow(
      expect.objectContaining({ code: "server.address_refused" }),
    );
  expect(() => requireNoProxy({ ...none, trustedProxies: ["127.0.0.1"] })).toThrow("behind proxies");
  for (const publicUrl of [null, "http://127.0.0.1:18790", "http://localhost:18790", "http://[::1]:18790"])
    expect(() => requireNoProxy({ ...none, publicUrl })).not.toThrow();
});

test("TEN-1 a server with an address for others does not start before somebody administers it", async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-proxied-"));
  try {
    await writeFile(join(data, "config.yaml"), JSON.stringify({ public_url: "https://memory.example.com" }));
    const given = { flags: { data, port: 0 }, out: () => undefined, warn: () => undefined };
    await expect(serve(given)).rejects.toMatchObject({
      code: "server.address_refused",
      data: { hint: expect.stringContaining("cairn admin init") as string },
    });
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
