/** Whoever sends a body slowly must not keep by it what is taken away meanwhile. */
import { connect } from "node:net";
import { once } from "node:events";
import { CairnError } from "@cairn/kernel/error";
import { localIdentity } from "@cairn/memory/permission/identity";
import { agentScopes } from "@cairn/memory/permission/permission";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { serving } from "../test-support.ts";

const body = JSON.stringify({ content: "Written after the key was revoked." });

const setUp = async () => {
  let works = true;
  let role: "admin" | "viewer" = "admin";
  const { promise: isAsked, resolve: wasAsked } = Promise.withResolvers<void>();
  const operations = setUpOperations();
  const server = await serving(operations.pipeline, {
    whoCalls: {
      isAsked: async () => true,
      identify: async () => {
        if (!works) throw new CairnError("auth.invalid", "Not any more.");
        wasAsked();
        const identity = { ...localIdentity("loopback"), principal: "user:1", credential: "key", role } as const;
        return { identity: { ...identity, scopes: agentScopes, administrator: false }, address: null };
      },
    },
  });
  /** Sends a part of the body, has `meanwhile` done while the server waits, and then the rest. */
  const slowly = async (meanwhile: () => void): Promise<string> => {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    const closed = once(socket, "close");
    const head = ["POST /v1/remember HTTP/1.1", `Host: 127.0.0.1:${server.port}`, "Content-Type: application/json"];
    const more = [`Content-Length: ${body.length}`, "Connection: close"];
    socket.write(`${[...head, ...more].join("\r\n")}\r\n\r\n${body.slice(0, 9)}`);
    await isAsked;
    meanwhile();
    // Longer than it is believed who calls; shorter would show nothing, and never fail.
    setTimeout(() => socket.write(body.slice(9)), 400);
    await closed;
    return text;
  };
  const stored = async (): Promise<number> => operations.records.filter(({ outcome }) => outcome === "ok").length;
  return {
    slowly,
    stored,
    revoke: () => void (works = false),
    demote: () => void (role = "viewer"),
    [Symbol.asyncDispose]: server.close,
  };
};

test("TEN-2 a key that is revoked while the body comes writes nothing", async () => {
  await using setup = await setUp();
  const answer = await setup.slowly(setup.revoke);
  expect(answer).toContain("auth.invalid");
  expect(await setup.stored()).toBe(0);
});

test("COL-1 a role that is taken while the body comes counts no more", async () => {
  await using setup = await setUp();
  const answer = await setup.slowly(setup.demote);
  expect(answer).toContain("space.forbidden");
  expect(await setup.stored()).toBe(0);
});

test("a body that merely takes its time is answered", async () => {
  await using setup = await setUp();
  expect(await setup.slowly(() => undefined)).toContain("200 OK");
  expect(await setup.stored()).toBe(1);
});
